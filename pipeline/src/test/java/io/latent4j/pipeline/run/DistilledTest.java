package io.latent4j.pipeline.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import io.latent4j.core.random.NoiseSource;
import io.latent4j.pipeline.Differences;
import io.latent4j.pipeline.DistilledFolder;
import io.latent4j.pipeline.GeneratedImage;
import io.latent4j.pipeline.Generation;
import io.latent4j.pipeline.Progress;
import io.latent4j.pipeline.TextToImagePipeline;
import io.latent4j.pipeline.files.Conversion;
import io.latent4j.pipeline.files.ModelFiles;
import io.latent4j.pipeline.model.Components;
import io.latent4j.pipeline.request.GenerationRequest;
import io.latent4j.pipeline.request.Guidance;
import io.latent4j.pipeline.request.PerturbedAttention;
import io.latent4j.schedulers.NoiseLevel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DistilledTest {
    private static final String LCM = """
            {"_class_name": "LCMScheduler", "beta_start": 0.00085, "beta_end": 0.012,
             "beta_schedule": "scaled_linear", "clip_sample": false, "num_train_timesteps": 1000,
             "original_inference_steps": 50, "prediction_type": "epsilon", "set_alpha_to_one": true,
             "steps_offset": 0, "timestep_spacing": "leading", "rescale_betas_zero_snr": false}""";
    private static final String TURBO = """
            {"_class_name": "NAME", "beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear",
             "clip_sample": false, "interpolation_type": "linear", "num_train_timesteps": 1000,
             "prediction_type": "epsilon", "sample_max_value": 1.0, "set_alpha_to_one": false,
             "skip_prk_steps": true, "steps_offset": 1, "timestep_spacing": "trailing", "trained_betas": null}""";
    private static final GenerationRequest REQUEST =
            new GenerationRequest("a big red circle on a white background").withSeed(3);

    @TempDir
    private Path folder;

    @ParameterizedTest
    @CsvSource({
        "StableDiffusionPipeline, EulerDiscreteScheduler",
        "StableDiffusionXLPipeline, EulerAncestralDiscreteScheduler",
        "StableDiffusionXLPipeline, EulerDiscreteScheduler"
    })
    void turboAndLightningTakeFewStepsFromTheVeryEndWithoutGuidance(String pipeline, String scheduler)
            throws IOException {
        DistilledFolder.write(folder, pipeline, TURBO.replace("NAME", scheduler), false, 0.02);
        try (Components parts = load()) {
            assertThat(parts.defaults().steps()).isEqualTo(4);
            Run run = Run.of(REQUEST, parts, Attachments.NONE);
            assertThat(timesteps(run)).containsExactly(999.0, 749.0, 499.0, 249.0);
            assertThat(run.guidance().active()).isFalse();
            TextToImagePipeline turbo = new TextToImagePipeline(parts);
            GeneratedImage made = turbo.generate(REQUEST).results().get(0);
            assertThat(made.parameters()).contains("Steps: 4,", "CFG scale: 1,");
            assertThat(Differences.largest(
                            made.image(),
                            turbo.generate(REQUEST.withGuidanceScale(0)).image()))
                    .isZero();
            assertThat(timesteps(Run.of(REQUEST.withSteps(1), parts, Attachments.NONE)))
                    .containsExactly(999.0);
            assertThat(turbo.generate(REQUEST.withSteps(1)).images()).hasSize(1);
        }
    }

    @ParameterizedTest
    @CsvSource({"LatentConsistencyModelPipeline", "StableDiffusionXLPipeline"})
    void aModelThatIsToldTheScaleRunsWithoutANegativeSide(String pipeline) throws IOException {
        DistilledFolder.write(folder, pipeline, LCM, true, 0.02);
        try (Components parts = load()) {
            assertThat(parts.defaults().steps()).isEqualTo(4);
            assertThat(parts.defaults().guidanceScale()).isEqualTo(8.5);
            Run run = Run.of(REQUEST, parts, Attachments.NONE);
            assertThat(timesteps(run)).containsExactly(999.0, 759.0, 499.0, 259.0);
            assertThat(run.guidance().sides(0.5)).isEqualTo(GuidanceBatch.PROMPT);
            Generation made = new TextToImagePipeline(parts).generate(REQUEST.withNegativePrompt("a star"));
            assertThat(made.results().get(0).parameters()).contains("Steps: 4, Sampler: LCM, CFG scale: 8.5,");
            assertThat(made.warnings())
                    .containsExactly(
                            "the negative prompt has no effect, because the model takes the guidance scale as an input;"
                                    + " a true guidance scale above 1 gives it one, at twice the work");
            assertThat(latents(parts, REQUEST)).isNotEqualTo(latents(parts, REQUEST.withGuidanceScale(3)));
        }
    }

    @Test
    void aModelThatIsToldTheScaleAndDoesNotListenIsTheModelWithoutGuidance() throws IOException {
        DistilledFolder.write(folder, "LatentConsistencyModelPipeline", LCM, true, 0);
        try (Components told = load();
                Components embedded = Components.embedded(Device.cpu(), DataType.FLOAT32)) {
            Components parts = embedded.withScheduler(told.scheduler());
            GenerationRequest request = REQUEST.withSteps(4);
            assertThat(latents(told, request)).isEqualTo(latents(parts, request.withGuidanceScale(1)));
            GenerationRequest perturbed =
                    request.withGuidance(Guidance.DEFAULT.withPerturbed(new PerturbedAttention(2)));
            assertThat(latents(told, perturbed)).isEqualTo(latents(parts, perturbed.withGuidanceScale(1)));
        }
    }

    @Test
    void refusesGuidanceThatNeedsANegativeSide() throws IOException {
        DistilledFolder.write(folder, "LatentConsistencyModelPipeline", LCM, true, 0.02);
        try (Components parts = load()) {
            for (Guidance guidance : List.of(Guidance.DEFAULT.withPlusPlus(), Guidance.DEFAULT.between(0, 0.5))) {
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> Run.of(REQUEST.withGuidance(guidance), parts, Attachments.NONE))
                        .withMessage(
                                "the model is told the guidance scale and has no negative side; expected neither"
                                        + " CFG++ nor a start or an end of guidance, or a true guidance scale above 1 for the last two");
            }
        }
    }

    @Test
    void refusesToForgetTheScaleInASingleFile() throws IOException {
        DistilledFolder.write(folder, "LatentConsistencyModelPipeline", LCM, true, 0.02);
        Conversion conversion = new Conversion(ModelFiles.of(folder), Optional.empty());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> conversion.toFile(folder.resolve("one.safetensors"), (part, file) -> {}))
                .withMessageContaining("time_cond_proj_dim is set, which a single file has no place for");
    }

    private Components load() throws IOException {
        return Components.load(folder, Device.cpu(), DataType.FLOAT32);
    }

    private static List<Double> timesteps(Run run) {
        return IntStream.range(0, run.course().plan().steps())
                .mapToObj(run.course().plan()::level)
                .map(NoiseLevel::timestep)
                .toList();
    }

    private static float[] latents(Components parts, GenerationRequest request) {
        try (NDManager manager = parts.manager().newSubManager()) {
            return new TextToImagePipeline(parts)
                    .latents(manager, request, NoiseSource.perImage(7, 1), Progress.NONE)
                    .toFloatArray();
        }
    }
}
