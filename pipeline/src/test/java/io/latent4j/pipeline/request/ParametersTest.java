package io.latent4j.pipeline.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.google.common.collect.ImmutableListMultimap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ParametersTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "plain",
                "my model, v2",
                "C:\\models\\a",
                "a \"quoted\" name",
                "\"",
                "two\nlines",
                " blanks ",
                "Seed: 7, Size: 1x1",
                "赤い\u2028円",
                ""
            })
    void readsBackEveryValue(String value) {
        Parameters parameters = new Parameters(
                "a cat, sitting: well\non two lines",
                "blurry, \"bad\"",
                ImmutableListMultimap.of("Steps", "25", "Model", value, "Seed", "5"));

        assertThat(Parameters.parse(parameters.text())).isEqualTo(parameters);
    }

    @Test
    void quotesAsOtherToolsDo() {
        Parameters parameters = new Parameters(
                "cat", "", ImmutableListMultimap.of("Steps", "1", "Model", "my model, v2", "Size", "64x64"));

        assertThat(parameters.text()).isEqualTo("cat\nSteps: 1, Model: \"my model, v2\", Size: 64x64");
    }

    @Test
    void readsSettingsThatComeSeveralTimes() {
        Parameters parameters = Parameters.parse("cat\nSteps: 1, ControlNet: a (1), ControlNet: \"b, c\"");

        assertThat(parameters.settings().get("ControlNet")).containsExactly("a (1)", "b, c");
        assertThat(parameters.setting("ControlNet")).contains("a (1)");
        assertThat(parameters.setting("Seed")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"a cat", "a cat: red, small", "Steps", "a cat, Steps: 2"})
    void takesATextWithoutSettingsForAPrompt(String text) {
        assertThat(Parameters.parse(text)).isEqualTo(new Parameters(text, "", ImmutableListMultimap.of()));
    }

    @Test
    void refusesATextOfEndlessLength() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Parameters.parse("x".repeat((1 << 20) + 1)))
                .withMessage("the parameters have 1048577 letters; expected at most 1048576");
    }
}
