package io.latent4j.pipeline.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

class PromptTest {

    @Test
    void hasANumberOfTokensWithinBounds() {
        assertThat(new Prompt("a").maxTokens()).isEmpty();
        assertThat(new Prompt("a")
                        .withMaxTokens(77)
                        .withText("b")
                        .withClipSkip(2)
                        .maxTokens())
                .hasValue(77);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Prompt("a").withMaxTokens(0))
                .withMessage("the number of tokens is 0; expected 1 to 4096");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Prompt("a").withMaxTokens(4097))
                .withMessage("the number of tokens is 4097; expected 1 to 4096");
    }

    @Test
    void refusesWhatIsTooLongToBeRead() {
        String longest = "a".repeat(20_000);
        assertThat(new Prompt(longest).withNegative(longest).text()).isEqualTo(longest);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Prompt(longest + "a"))
                .withMessage("the prompt has 20001 letters; expected at most 20000");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Prompt("").withNegative(longest + "a"))
                .withMessage("the negative prompt has 20001 letters; expected at most 20000");
    }
}
