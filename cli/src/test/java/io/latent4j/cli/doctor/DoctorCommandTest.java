package io.latent4j.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import ai.djl.engine.Engine;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.latent4j.cli.CommandRun;
import org.junit.jupiter.api.Test;

class DoctorCommandTest {

    @Test
    void tellsWhatItRunsOnAndTriesIt() {
        CommandRun run = CommandRun.of("doctor", "--device", "cpu");

        assertThat(run.code()).isZero();
        assertThat(run.err()).isEmpty();
        assertThat(run.out())
                .contains("latent4j\n", "java\n", "machine\n", "engine\n", "check\n")
                .containsPattern("version +2\\.7\\.1")
                .containsPattern("cpu linear +(mkl|onednn): ")
                .containsPattern("works +yes")
                .containsPattern("GFLOP/s");
    }

    @Test
    void tellsTheSameInJson() {
        JsonObject json = json(CommandRun.of("doctor", "--device", "cpu", "--json"));

        assertThat(json.keySet()).containsExactly("latent4j", "java", "machine", "engine", "check");
        assertThat(json.getAsJsonObject("engine").get("name").getAsString()).isEqualTo("PyTorch");
        assertThat(json.getAsJsonObject("check").get("works").getAsBoolean()).isTrue();
    }

    @Test
    void neverTakesTheCpuForAGpu() {
        assumeThat(Engine.getEngine("PyTorch").getGpuCount()).isZero();

        CommandRun run = CommandRun.of("doctor", "--device", "cuda", "--json");

        assertThat(run.code()).isEqualTo(1);
        assertThat(run.err()).startsWith("latent4j: ").contains("the engine sees no GPU");
        assertThat(json(run).getAsJsonObject("check").get("works").getAsBoolean())
                .isFalse();
    }

    @Test
    void refusesAnUnknownDevice() {
        CommandRun run = CommandRun.of("doctor", "--device", "tpu");

        assertThat(run.code()).isEqualTo(2);
        assertThat(run.out()).isEmpty();
        assertThat(run.err()).contains("expected auto, cpu, cuda or cuda:N");
    }

    private static JsonObject json(CommandRun run) {
        return JsonParser.parseString(run.out()).getAsJsonObject();
    }
}
