package io.latent4j.server.a1111;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class SamplersTest {
    private final List<String> warnings = new ArrayList<>();

    /** Names in the forms that clients send them. */
    @ParameterizedTest
    @CsvSource({
        "DPM++ 2M Karras, , DPM++ 2M Karras",
        "DPM++ 2M Karras, normal, DPM++ 2M Karras",
        "DPM++ 2M, karras, DPM++ 2M Karras",
        "DPM++ 2M, Automatic, DPM++ 2M Karras",
        "DPM++ 2M, , DPM++ 2M Karras",
        "DPM++ 2M, normal, DPM++ 2M",
        "DPM++ 2M, uniform, DPM++ 2M",
        "DPM++ 2M SDE, , DPM++ 2M SDE Exponential",
        "DPM++ SDE, SGM Uniform, DPM++ SDE SGM Uniform",
        "Euler a, , Euler a",
        "k_euler_a, sgm_uniform, Euler a SGM Uniform",
        "k_dpmpp_2m, exponential, DPM++ 2M Exponential",
        "DDIM, automatic, DDIM",
        "UniPC, align_your_steps, UniPC Align Your Steps"
    })
    void takesTheWebUisNames(String sampler, String scheduler, String ours) {
        assertThat(Samplers.named(sampler, Optional.ofNullable(scheduler), warnings))
                .isEqualTo(ours);
        assertThat(warnings).isEmpty();
    }

    @Test
    void saysWhichSpacingIsNotHere() {
        assertThat(Samplers.named("Euler", Optional.of("KL Optimal"), warnings)).isEqualTo("Euler");
        assertThat(Samplers.named("DDIM", Optional.of("karras"), warnings)).isEqualTo("DDIM");
        assertThat(warnings).hasSize(2).allMatch(warning -> warning.startsWith("scheduler is"));
        assertThatThrownBy(() -> Samplers.named("DPM adaptive", Optional.empty(), warnings))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("nearest names");
    }

    @Test
    void knowsWhoseNoiseHasAShare() {
        assertThat(List.of("DDIM", "Euler a", "Euler a Karras", "DPM++ SDE Karras", "DPM2 a"))
                .allMatch(Samplers::hasEta);
        assertThat(List.of("Euler", "DPM++ 2M SDE", "DPM++ 2M Karras", "UniPC")).noneMatch(Samplers::hasEta);
    }
}
