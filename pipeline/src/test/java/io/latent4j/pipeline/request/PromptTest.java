package io.latent4j.pipeline.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

class PromptTest {

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
