package io.latent4j.lora;

/** A way of naming an adapter's tensors. */
public enum LoraNaming {
    KOHYA("kohya"),
    PEFT("PEFT"),
    DIFFUSERS("older diffusers"),
    PROCESSORS("oldest diffusers (attention processors)"),
    XLABS("XLabs (attention processors)");

    private final String title;

    LoraNaming(String title) {
        this.title = title;
    }

    /** What to call it in a sentence. */
    public String title() {
        return title;
    }
}
