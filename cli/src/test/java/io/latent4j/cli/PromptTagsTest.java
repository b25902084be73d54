package io.latent4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PromptTagsTest {

    @ParameterizedTest
    @CsvSource({
        "a star <lora:ink:0.8>, a star, ink, 0.8, 0.8",
        "a <lora:ink> star, a star, ink, 1, 1",
        "<lora:my ink.v2:-.5>a star, a star, my ink.v2, -0.5, -0.5",
        "a star<lora:ink:0.25:1>, a star, ink, 1, 0.25",
        "<lora:ink:1>, '', ink, 1, 1",
    })
    void takesTagsOutOfThePrompt(String prompt, String text, String name, double unet, double encoder) {
        PromptTags tags = PromptTags.of(prompt);
        assertThat(tags.text()).isEqualTo(text);
        assertThat(tags.tags()).containsExactly(new PromptTags.Tag(name, unet, encoder));
    }

    @Test
    void leavesAPromptWithoutTagsAsItIs() {
        assertThat(PromptTags.of(" a  star <b> ").text()).isEqualTo(" a  star <b> ");
        assertThat(PromptTags.of("a star").tags()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"<lora:>", "<lora::1>", "<lora:a:b>", "<lora:a:1:>", "<lora:a:1:1:1>"})
    void refusesWhatIsNoTag(String prompt) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PromptTags.of(prompt))
                .withMessageStartingWith("the prompt has " + prompt)
                .withMessageContaining("; expected ");
    }
}
