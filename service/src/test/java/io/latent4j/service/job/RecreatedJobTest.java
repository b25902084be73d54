package io.latent4j.service.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.latent4j.pipeline.request.GenerationRequest;
import io.latent4j.pipeline.request.ImageSize;
import io.latent4j.pipeline.request.MicroConditioning;
import io.latent4j.pipeline.request.PerturbedAttention;
import io.latent4j.pipeline.request.Sizes;
import io.latent4j.pipeline.request.StepCaching;
import io.latent4j.pipeline.request.Tiling;
import io.latent4j.pipeline.request.Upscale;
import io.latent4j.pipeline.request.Upscaler;
import io.latent4j.pipeline.request.Variation;
import io.latent4j.schedulers.Steps;
import io.latent4j.service.registry.ModelRegistry;
import io.latent4j.textencoder.PromptSyntax;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RecreatedJobTest {
    @Test
    void readsWhatOtherToolsWrite() {
        RecreatedJob made = JobSpec.of("""
                a boat, (red:1.2) <lora:ink:0.8>
                at dusk
                Negative prompt: rain, fog
                Steps: 20, Sampler: DPM++ 2M, Schedule type: Karras, CFG scale: 7.5, Seed: 18446744073709551615, \
                Size: 512x768, Model hash: 6ce0161689, Model: v1-5-pruned, Denoising strength: 0.4, Clip skip: 2, \
                Hires upscale: 1.5, Hires steps: 10, Hires upscaler: Latent, Lora hashes: "ink: 0123, moon: 4567", \
                Version: v1.10.1""");

        GenerationRequest expected = new GenerationRequest("a boat, (red:1.2) <lora:ink:0.8>\nat dusk")
                .withNegativePrompt("rain, fog")
                .withSteps(20)
                .withScheduler("DPM++ 2M Karras")
                .withGuidanceScale(7.5)
                .withSeed(-1)
                .withSize(512, 768)
                .withClipSkip(2)
                .withUpscale(new Upscale(1.5, 0.4, OptionalInt.of(10), Upscaler.LATENTS_BILINEAR));
        assertThat(made.job()).isEqualTo(new JobSpec(expected).withModel("v1-5-pruned"));
        assertThat(made.strength()).isEmpty();
        assertThat(made.warnings()).isEmpty();
    }

    @Test
    void readsEverySettingOfItsOwn() {
        RecreatedJob made = JobSpec.of("""
                x
                Steps: 4, Sampler: DDIM, CFG scale: 0.6, Seed: 5, Variation seed: 9, Variation seed strength: 0.25, \
                Size: 64x96, Model: shapes, CFG rescale: 0.7, CFG start: 0.1, CFG end: 0.9, CFG++: true, \
                Dynamic thresholding: 0.99, PAG scale: 2, PAG layers: mid_block up_blocks.1, Prompt syntax: plain, \
                Original size: 1x2, Crop: 3x4, Target size: 5x6, Negative Original size: 7x8, Negative Crop: 9x10, \
                Negative Target size: 11x12, Refiner: second, Refiner switch at: 0.7, Eta: 0.5, \
                Timesteps: 999 499.5 19, Sampler settings: timestep_spacing=trailing steps_offset=1, VAE tile: 512, \
                Cache: "deepcache:3:1+tgate:2", Version: latent4j""");

        GenerationRequest request = made.job().request();
        assertThat(made.warnings()).isEmpty();
        assertThat(made.job().model()).contains(ModelRegistry.EMBEDDED);
        assertThat(made.job().refiner()).contains(new RefinerUse("second", 0.7));
        assertThat(made.job().schedulerSettings())
                .isEqualTo(Map.of("timestep_spacing", "trailing", "steps_offset", "1"));
        assertThat(request.sampling().steps()).contains(Steps.atTimesteps(List.of(999.0, 499.5, 19.0)));
        assertThat(request.sampling().eta()).hasValue(0.5);
        assertThat(request.sampling().caching()).isEqualTo(StepCaching.parse("deepcache:3:1+tgate:2"));
        assertThat(request.guidance().scale()).hasValue(0.6);
        assertThat(request.guidance().rescale()).isEqualTo(0.7);
        assertThat(request.guidance().start()).isEqualTo(0.1);
        assertThat(request.guidance().end()).isEqualTo(0.9);
        assertThat(request.guidance().plusPlus()).isTrue();
        assertThat(request.guidance().thresholding()).hasValue(0.99);
        assertThat(request.guidance().perturbed())
                .isEqualTo(new PerturbedAttention(2, List.of("mid_block", "up_blocks.1")));
        assertThat(request.batch().variation()).contains(new Variation(9, 0.25));
        assertThat(request.size()).isEqualTo(ImageSize.of(64, 96));
        assertThat(request.prompt().syntax()).isEqualTo(PromptSyntax.PLAIN);
        assertThat(request.micro())
                .contains(new MicroConditioning(new Sizes(1, 2, 3, 4, 5, 6), new Sizes(7, 8, 9, 10, 11, 12)));
        assertThat(request.tiling()).isEqualTo(Tiling.of(512));
    }

    @Test
    void keepsTheStrengthOfAnImageThatTheTextDoesNotHold() {
        RecreatedJob made = JobSpec.of(
                "x\nSteps: 9, Denoising strength: 0.6, Mask blur: 4, Masked area padding: 32, ControlNet: canny (0.5)");
        assertThat(made.strength()).hasValue(0.6);
        assertThat(made.job().source()).isEmpty();
        assertThat(made.missing())
                .containsExactly("an image to start from", "a mask", "a control image of canny (0.5)");
        assertThat(made.warnings()).isEmpty();
    }

    @Test
    void takesTheFactorOfALargerSize() {
        JobSpec job = JobSpec.of("x\nSteps: 9, Size: 512x768, Hires resize: 1024x1536, Hires upscaler: R-ESRGAN 4x+")
                .job();
        assertThat(job.request().upscale()).contains(new Upscale(2));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "Face restoration: CodeFormer | Face restoration is \"CodeFormer\", which is not understood; it is left",
                "Seed: abc | Seed is \"abc\", expected a number; it is left out",
                "Seed: 18446744073709551616 | Seed is \"18446744073709551616\", expected a number",
                "CFG scale: 300 | CFG scale is \"300\", guidance scale is 300.0; expected 0 to 100",
                "Size: large | Size is \"large\", expected WIDTHxHEIGHT",
                "Sampler: Magic | Sampler is \"Magic\", scheduler is \"Magic\"",
                "Schedule type: Normal, Sampler: Euler | ",
                "Schedule type: KL Optimal, Sampler: Euler | Schedule type is \"KL Optimal\", ",
                "Eta: 2, Sampler: Euler a | Eta is \"2\", eta is 2.0; expected 0 to 1; it is left out",
                "Hires upscale: 2, Hires upscaler: Lanczos | Hires upscaler is \"Lanczos\", which is not known here",
                "Clip skip: 0 | Clip skip is \"0\", clip skip is 0; expected 1 or more"
            })
    void warnsOfWhatItCannotFollow(String settings, String warning) {
        List<String> warnings = JobSpec.of("x\nSteps: 9, " + settings).warnings();
        if (warning == null) {
            assertThat(warnings).isEmpty();
        } else {
            assertThat(warnings).singleElement().asString().startsWith(warning);
        }
    }

    @Test
    void aTextWithoutSettingsIsAPrompt() {
        assertThat(JobSpec.of("a boat").job()).isEqualTo(new JobSpec(new GenerationRequest("a boat")));
        assertThatExceptionOfType(InvalidJobException.class)
                .isThrownBy(() -> JobSpec.of("x".repeat((1 << 20) + 1)))
                .withMessageContaining("expected at most");
    }
}
