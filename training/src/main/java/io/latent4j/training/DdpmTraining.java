package io.latent4j.training;

import ai.djl.ndarray.NDManager;
import com.google.common.collect.ImmutableMap;
import com.google.gson.JsonObject;
import io.latent4j.core.memory.Leases;
import io.latent4j.core.nn.Precision;
import io.latent4j.core.weights.StoredType;
import io.latent4j.pipeline.UnconditionalPipeline;
import io.latent4j.pipeline.model.ModelDefaults;
import io.latent4j.training.batches.ImageBatches;
import io.latent4j.training.batches.ImageData;
import io.latent4j.training.config.RunPlan;
import io.latent4j.training.config.StartOptions;
import io.latent4j.training.data.CaptionedImages;
import io.latent4j.training.diffusion.PixelDiffusion;
import io.latent4j.training.optimizer.Initialization;
import io.latent4j.training.optimizer.Parameters;
import io.latent4j.training.run.ModelFolder;
import io.latent4j.training.run.RunFacts;
import io.latent4j.training.run.RunFolder;
import io.latent4j.training.run.TrainingLoop;
import io.latent4j.unet.UNet2DModel;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Trains a {@link UNet2DModel} to make images from noise, without text, and writes a folder that {@link
 * io.latent4j.pipeline.UnconditionalPipeline} runs: {@code model} in the run's. Its scheduler says what the network
 * predicts, and whether it learns its variance.
 */
public final class DdpmTraining implements Training {
    private final NDManager manager;
    private final RunFolder output;
    private final TrainingLoop.Watcher watcher;
    private final DdpmPlan plan;
    private final UNet2DModel unet;
    private final ImageBatches images;
    private final TrainingLoop loop;

    /**
     * Takes over {@code output}.
     *
     * @param provided images to train on, instead of those that {@code plan} names
     */
    DdpmTraining(
            NDManager manager,
            DdpmPlan plan,
            Optional<CaptionedImages> provided,
            RunFolder output,
            TrainingLoop.Watcher watcher)
            throws IOException {
        this.manager = manager;
        this.output = output;
        this.watcher = watcher;
        this.plan = plan;
        int seed = plan.run().seed();
        ImageData data = ImageData.open(plan.data(), provided, seed);
        data.checkWhole(watcher);
        output.compare(plan.run().values()).forEach(change -> watcher.note("since last time: " + change));
        if (plan.from().isPresent()) {
            unet = UNet2DModel.load(plan.from().get(), manager, Precision.FLOAT32);
        } else {
            unet = new UNet2DModel(plan.shape());
            Initialization.fill(unet, manager, seed);
        }
        int batch = plan.batch();
        TrainingLoop.Settings settings = plan.loop().on(() -> data.batchesPerEpoch(batch, plan.multiple()), watcher);
        this.images = new ImageBatches(data, batch, settings.accumulate(), plan.multiple(), watcher);
        Parameters parameters = Parameters.of(ImmutableMap.of("unet", unet));
        loop = new TrainingLoop(
                settings,
                output.path(),
                parameters,
                new PixelDiffusion(unet, images, plan.diffusion(), seed, manager),
                plan.samples().count() == 0 ? Optional.empty() : Optional.of(this::samples),
                watcher);
        watcher.prepared(new RunFacts(
                "diffusion of pixels",
                parameters.count(),
                data.learned(),
                data.setAside(),
                batch * settings.accumulate()));
    }

    /**
     * Reads and checks a run file, makes its folder, and makes the run ready.
     *
     * @param manager owns the weights; its device is where training runs
     * @throws IllegalArgumentException naming all that is wrong in the file, before the folder is made
     * @throws IOException if a file cannot be read, or another process is at this run
     */
    public static DdpmTraining open(Path file, StartOptions options, NDManager manager, TrainingLoop.Watcher watcher)
            throws IOException {
        DdpmPlan plan =
                DdpmPlan.read(RunPlan.file(file, options), options.images().isPresent());
        return RunFolder.begin(
                plan.run().output(),
                options.fresh(),
                watcher,
                output -> new DdpmTraining(manager, plan, options.images(), output, watcher));
    }

    /** {@link #open(Path, StartOptions, NDManager, TrainingLoop.Watcher)} as the run file says. */
    public static DdpmTraining open(Path file, NDManager manager, TrainingLoop.Watcher watcher) throws IOException {
        return open(file, StartOptions.DEFAULT, manager, watcher);
    }

    /** Trains, and writes the model. */
    @Override
    public Optional<Path> run() throws IOException {
        try (Leases.Lease use = output.use()) {
            return loop.run(output, step -> save(output.after(step, "model", "")))
                    ? Optional.of(save(output.path().resolve("model")))
                    : Optional.empty();
        }
    }

    private BufferedImage samples(long step) {
        int side = plan.data().side();
        UnconditionalPipeline pipeline = UnconditionalPipeline.of(
                "step " + step,
                manager,
                unet,
                plan.scheduler(),
                new ModelDefaults(side, side, plan.samples().steps(), 1));
        return plan.samples().draw("Step " + step, pipeline, watcher::stopping);
    }

    /** Writes the model as it is now, its parameters averaged, to {@code folder}. */
    public Path save(Path folder) throws IOException {
        try (Leases.Lease use = output.use()) {
            loop.averaged(() -> ModelFolder.write(folder, draft -> {
                JsonObject scheduler = plan.scheduler().json();
                ModelFolder.part(
                        draft.resolve("unet"),
                        plan.config().json(),
                        unet,
                        "diffusion_pytorch_model.safetensors",
                        StoredType.F16);
                Files.createDirectories(draft.resolve("scheduler"));
                ModelFolder.json(draft.resolve("scheduler").resolve("scheduler_config.json"), scheduler);
                ModelFolder.pixelIndex(
                        draft,
                        scheduler.get("_class_name").getAsString(),
                        plan.index().json());
            }));
        }
        return folder;
    }

    @Override
    public void close() {
        output.close(() -> {
            try (manager) {
                images.close();
            }
        });
    }
}
