package io.latent4j.textencoder.qwen;

/** What stands around a prompt, so that the model takes it for what a user says to an assistant. */
public enum ChatTemplate {
    /** The assistant's turn begins: Z-Image. */
    ANSWER(""),
    /** The assistant has thought nothing and its answer begins: FLUX.2 klein. */
    ANSWER_WITHOUT_THINKING("<think>\n\n</think>\n\n");

    private static final String BEFORE = "<|im_start|>user\n";
    private static final String AFTER = "<|im_end|>\n<|im_start|>assistant\n";

    private final String thought;

    ChatTemplate(String thought) {
        this.thought = thought;
    }

    /** What stands before the prompt. */
    public String before() {
        return BEFORE;
    }

    /** What stands after it. */
    public String after() {
        return AFTER + thought;
    }

    /** The whole text. */
    public String of(String prompt) {
        return before() + prompt + after();
    }
}
