package io.latent4j.training.diffusion;

import static org.assertj.core.api.Assertions.assertThat;

import io.latent4j.pipeline.model.ModelDefaults;
import io.latent4j.training.Noting;
import io.latent4j.training.config.RunFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PriorFileTest {

    private final List<String> notes = new ArrayList<>();

    private Optional<PriorFile> read(String yaml) {
        return PriorFile.read(
                RunFile.parse("prior", Path.of(""), yaml), new ModelDefaults(64, 64, 25, 3), new Noting(notes));
    }

    @Test
    void notesKeysThatDoNothing() {
        assertThat(read("{prompts: [a dog], count: 5, steps: 2, weight: 1}")).isPresent();
        assertThat(read("{}")).isEmpty();
        assertThat(notes).isEmpty();
        assertThat(read("{folder: dogs, count: 5, guidance_scale: 2, weight: 0.5}"))
                .isPresent();
        assertThat(read("{weight: 0.5, seed: 3}")).isEmpty();
        assertThat(notes)
                .containsExactly(
                        "prior: count, guidance_scale without effect, as prior.folder is there and none is made",
                        "prior: seed, weight without effect, as prior has neither prompts nor folder");
    }
}
