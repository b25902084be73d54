package io.latent4j.textencoder;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.latent4j.core.fuzz.Untrusted;
import java.util.List;

/** Any prompt: what it says at each step is read, or refused by the weight that is wrong. */
class PromptFuzzTest {
    private static final int STEPS = 5;

    @FuzzTest
    void anyPromptIsReadOrRefused(byte[] bytes) {
        String prompt = Untrusted.text(bytes);
        assertThat(PromptSchedule.of(prompt, PromptSyntax.PLAIN).at(0, STEPS)).isEqualTo(prompt);
        PromptSchedule schedule = PromptSchedule.of(prompt, PromptSyntax.WEIGHTED);
        for (int step = 0; step < STEPS; step++) {
            String said = schedule.at(step, STEPS);
            assertThat(said.length()).isLessThanOrEqualTo(prompt.length());
            parse(said);
        }
        if (!WeightedText.isMarked(prompt)) {
            assertThat(schedule.at(0, STEPS)).isEqualTo(prompt);
        }
    }

    private static void parse(String said) {
        try {
            List<List<WeightedText.Span>> sections = WeightedText.parse(said).sections();
            assertThat(sections).isNotEmpty();
            int letters = sections.stream()
                    .flatMap(List::stream)
                    .mapToInt(span -> span.text().length())
                    .sum();
            assertThat(letters).isLessThanOrEqualTo(said.length());
        } catch (IllegalArgumentException e) {
            Untrusted.checkRefusal(e, "in the prompt is ");
        }
    }
}
