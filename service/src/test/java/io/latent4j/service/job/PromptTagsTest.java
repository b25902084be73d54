package io.latent4j.service.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.latent4j.lora.StrengthSchedule;
import java.util.Map;
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
        "a <lora:ink:te=0.5:unet=0.25>, a, ink, 0.25, 0.5",
        "a <lora:ink:unet=0.25>, a, ink, 0.25, 1",
        "a <lora:ink:te=0.5>, a, ink, 0.5, 0.5",
        "a <lora:ink:0.75:te=0.5>, a, ink, 0.5, 0.5",
        "a <lora:ink:0.75:unet=0.25>, a, ink, 0.25, 0.75",
        "a <lyco:ink:0.8>, a, ink, 0.8, 0.8",
        "<lyco:ink:0.25:1> a star, a star, ink, 1, 0.25",
    })
    void takesTagsOutOfThePrompt(String prompt, String text, String name, double unet, double encoder) {
        PromptTags tags = PromptTags.of(prompt);
        assertThat(tags.text()).isEqualTo(text);
        assertThat(tags.tags())
                .containsExactly(new PromptTags.Tag(
                        name, new AdapterStrengths(unet, encoder, StrengthSchedule.CONSTANT, Map.of())));
    }

    @Test
    void aTagMayHaveAScheduleAndFactorsOfBlocks() {
        AdapterStrengths strengths = PromptTags.of("a star <lora:ink:0.5:0@0,0.8@0.5:up*=0.25:*=0>")
                .tags()
                .get(0)
                .strengths();
        assertThat(strengths.text()).isEqualTo(0.5);
        assertThat(strengths.unet()).isEqualTo(1);
        assertThat(strengths.schedule().points()).isEqualTo(Map.of(0.0, 0.0, 0.5, 0.8));
        assertThat(strengths.blocks().keySet()).containsExactly("up*", "*");
        assertThat(strengths.blocks()).containsEntry("up*", 0.25);
        assertThat(PromptTags.of("<lora:ink:0.3@0,1@1>")
                        .tags()
                        .get(0)
                        .strengths()
                        .text())
                .isEqualTo(0.3);
    }

    @Test
    void leavesAPromptWithoutTagsAsItIs() {
        assertThat(PromptTags.of(" a  star <b> ").text()).isEqualTo(" a  star <b> ");
        assertThat(PromptTags.of("a star").tags()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "<lora:>",
                "<lora::1>",
                "<lora:a:b>",
                "<lora:a:1:>",
                "<lora:a:1:1:1>",
                "<lora:a:1@2>",
                "<lora:a:1@0,2>",
                "<lora:a:1:x=y>",
                "<lora:a:dyn=4>",
                "<lora:a:te=x>",
                "<lora:a:1:1:4>",
                "<hypernet:a:1>"
            })
    void refusesWhatIsNoTag(String prompt) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PromptTags.of(prompt))
                .withMessageStartingWith("the prompt has " + prompt)
                .withMessageContaining("; expected ");
    }
}
