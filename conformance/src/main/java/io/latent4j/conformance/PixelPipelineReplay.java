package io.latent4j.conformance;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import com.google.gson.JsonObject;
import io.latent4j.core.image.Images;
import io.latent4j.pipeline.Progress;
import io.latent4j.pipeline.UnconditionalPipeline;
import io.latent4j.pipeline.request.GenerationRequest;
import io.latent4j.schedulers.Plan;
import io.latent4j.schedulers.catalogue.Schedulers;
import io.latent4j.schedulers.config.SchedulerConfig;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Images from noise by a network on pixels: timesteps, images after each step, the last one clipped, and the PNG.
 *
 * <p>The network's output in each step is not compared: the pipeline does not show it, and the images follow from it.
 */
final class PixelPipelineReplay {
    private static final String TIMESTEPS = "out.timesteps";
    private static final Set<String> ELSEWHERE =
            Set.of(TIMESTEPS, "out.model_output_per_step", "out.samples_per_step", "out.image");
    private static final String STEPS = "out.samples_per_step";

    private PixelPipelineReplay() {}

    @SuppressWarnings("try")
    static void run(CaseFile file, Workbench bench, Comparison comparison) throws IOException {
        file.allInputsIn(Set.of("sample", "step_noise"));
        JsonObject scheduler = file.scalars().getAsJsonObject("scheduler");
        SchedulerRefusal.check(scheduler, "scheduler");
        SchedulerConfig config = SchedulerConfig.from(scheduler, "scheduler");
        UnconditionalPipeline pipeline = bench.pixelPipeline(file.model()).withScheduler(config);
        Coordinates coordinates = Coordinates.of(scheduler.get("_class_name").getAsString());
        file.compare(comparison, Map.of(), ELSEWHERE);
        try (NDScope scope = new NDScope();
                NDManager manager = pipeline.manager().newSubManager()) {
            NDArray start = file.in("sample");
            NDArray perStep = file.tensor(STEPS);
            int steps = (int) file.number("num_inference_steps", 0);
            if (file.has(TIMESTEPS)) {
                float[] got = timesteps(Schedulers.from(config).plan(steps));
                comparison.floats(TIMESTEPS, got, Comparison.floats(file.tensor(TIMESTEPS)), Tolerance.NONE);
            }
            Progress progress = event -> {
                try (NDScope own = new NDScope()) {
                    float[] got = coordinates.toReference(event.latents().toFloatArray(), event.level());
                    float[] expected = perStep.get(event.step() - 1).toFloatArray();
                    comparison.floats(STEPS, got, expected, file.tolerance(STEPS));
                }
            };
            GenerationRequest request = new GenerationRequest("")
                    .withSize(
                            Math.toIntExact(start.getShape().get(3)),
                            Math.toIntExact(start.getShape().get(2)))
                    .withSteps(steps)
                    .withCount(Math.toIntExact(start.getShape().get(0)));
            NDArray samples =
                    pipeline.samples(manager, request, RecordedNoise.of(file, List.of(start), "step_noise"), progress);
            NDArray image = samples.div(2).add(0.5).clip(0, 1);
            comparison.arrays("out.image", image, file.tensor("out.image"), file.tolerance("out.image"));
            PngComparison.of(comparison, Images.of(samples).get(0), file.root().resolve(file.text("png")));
        }
    }

    private static float[] timesteps(Plan plan) {
        float[] timesteps = new float[plan.steps()];
        for (int i = 0; i < timesteps.length; i++) {
            timesteps[i] = (float) plan.level(i).timestep();
        }
        return timesteps;
    }
}
