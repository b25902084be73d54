package io.latent4j.training.diffusion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.latent4j.core.config.Config;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class PriorPlanTest {

    private static PriorPlan read(String yaml) {
        return PriorPlan.read(Config.parseYaml("prior", Path.of(""), yaml));
    }

    @Test
    void notesKeysThatHaveNoEffect() {
        PriorPlan made = read("{prompts: [a dog], count: 5, steps: 2, weight: 1}");
        assertThat(made.isEmpty()).isFalse();
        assertThat(made.notes()).isEmpty();
        assertThat(read("{}").isEmpty()).isTrue();
        assertThat(read("{}").notes()).isEmpty();
        PriorPlan folder = read("{folder: dogs, count: 5, guidance_scale: 2, weight: 0.5}");
        assertThat(folder.isEmpty()).isFalse();
        assertThat(folder.notes())
                .containsExactly(
                        "prior: count, guidance_scale without effect, as prior.folder is set and none is generated");
        PriorPlan none = read("{weight: 0.5, seed: 3}");
        assertThat(none.isEmpty()).isTrue();
        assertThat(none.notes())
                .containsExactly("prior: seed, weight without effect, as prior has neither prompts nor folder");
    }

    @Test
    void refusesSeveralPromptsOfAFolder() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> read("{folder: dogs, prompts: [a dog, a cat]}"))
                .withMessageStartingWith("prior: prompts are [a dog, a cat]; expected one with a folder");
    }
}
