package io.latent4j.training.run;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.google.gson.JsonObject;
import io.latent4j.core.config.Config;
import io.latent4j.core.fuzz.Untrusted;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/** Any bytes as the state of a checkpoint, from which a run goes on. */
class SavedStateFuzzTest {

    @FuzzTest
    void anyBytesAreAStateOrRefused(byte[] bytes) throws IOException {
        Untrusted.folder(Map.of("state.json", bytes), SavedStateFuzzTest::read);
    }

    private static void read(Path checkpoint) throws IOException {
        SavedState saved = Checkpoints.state(checkpoint);
        assertThat(saved.scale().factor()).isPositive();
        JsonObject again = saved.json(true);
        assertThat(SavedState.read(Config.parseJson("again", again.toString())).scale())
                .isEqualTo(saved.scale());
        assertThat(saved.window().close(1e-4)).containsKey("rate");
    }
}
