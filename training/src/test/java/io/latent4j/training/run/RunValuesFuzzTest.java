package io.latent4j.training.run;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.latent4j.core.fuzz.Untrusted;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/** Any bytes as the values with which a run was run the last time. */
class RunValuesFuzzTest {
    private static final JsonObject NOW = JsonParser.parseString(
                    "{\"training\": {\"steps\": 10, \"rate\": 1e-4}, \"name\": \"a\", \"list\": [1]}")
            .getAsJsonObject();

    @FuzzTest
    void anyBytesAreComparedOrRefused(byte[] bytes) throws IOException {
        Untrusted.folder(Map.of("run.json", bytes), RunValuesFuzzTest::compare);
    }

    private static void compare(Path folder) throws IOException {
        try (RunFolder run = RunFolder.open(folder, false)) {
            assertThat(run.compare(NOW))
                    .allSatisfy(change -> assertThat(change.length()).isLessThan(1000));
            run.begin();
            assertThat(run.compare(NOW)).isEmpty();
        }
    }
}
