package io.latent4j.training;

import ai.djl.ndarray.NDManager;
import com.google.common.collect.ImmutableMap;
import com.google.gson.JsonObject;
import io.latent4j.core.config.Config;
import io.latent4j.core.memory.Leases;
import io.latent4j.core.nn.Precision;
import io.latent4j.core.weights.StoredType;
import io.latent4j.pipeline.UnconditionalPipeline;
import io.latent4j.pipeline.model.ModelDefaults;
import io.latent4j.schedulers.config.SchedulerConfig;
import io.latent4j.training.batches.ImageBatches;
import io.latent4j.training.batches.ImageData;
import io.latent4j.training.config.RunFile;
import io.latent4j.training.config.StartOptions;
import io.latent4j.training.config.WrittenConfig;
import io.latent4j.training.data.CaptionedImages;
import io.latent4j.training.diffusion.DiffusionFile;
import io.latent4j.training.diffusion.DiffusionLoss;
import io.latent4j.training.diffusion.PixelDiffusion;
import io.latent4j.training.optimizer.Initialization;
import io.latent4j.training.optimizer.Parameters;
import io.latent4j.training.run.LoopFile;
import io.latent4j.training.run.ModelFolder;
import io.latent4j.training.run.RunFacts;
import io.latent4j.training.run.RunFolder;
import io.latent4j.training.run.TrainingLoop;
import io.latent4j.training.samples.UnconditionalSamples;
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
    private final UNet2DModel unet;
    private final JsonObject config;
    private final JsonObject scheduler;
    private final JsonObject index;
    private final UnconditionalSamples samples;
    private final int side;
    private final ImageBatches images;
    private final TrainingLoop loop;

    /**
     * Takes over {@code output}.
     *
     * @param provided images to train on, instead of those that {@code file} names
     */
    DdpmTraining(
            NDManager manager,
            RunFile file,
            Optional<CaptionedImages> provided,
            RunFolder output,
            TrainingLoop.Watcher watcher)
            throws IOException {
        this.manager = manager;
        this.output = output;
        this.watcher = watcher;
        int seed = file.integer("seed", 0, 0);
        ImageData data = ImageData.read(file.section("data"), ImageData.Kind.PIXELS, provided, seed);
        this.side = data.side();
        this.scheduler = file.object("scheduler")
                .orElseThrow(() -> new IllegalArgumentException(
                        file + ": scheduler is missing; expected what scheduler_config.json has"));
        this.index = file.object("model_index").orElseGet(JsonObject::new);
        if (!scheduler.has("_class_name")) {
            scheduler.addProperty("_class_name", "DDPMScheduler");
        }
        SchedulerConfig noise = WrittenConfig.scheduler(file + ": scheduler", scheduler);
        DiffusionFile diffusion = DiffusionFile.read(file.section("loss"), noise);
        RunFile network = file.section("unet");
        Optional<Path> from = network.path("from");
        Optional<JsonObject> given = network.object("config");
        RunFile training = file.section("training");
        int batch = training.integer("batch", 1, 16);
        LoopFile loopFile = LoopFile.read(training);
        this.samples =
                UnconditionalSamples.read(file.section("samples"), noise.noise().timesteps());
        file.refuseTheRest();
        data.checkWhole(watcher);
        output.compare(file.json()).forEach(change -> watcher.note("since last time: " + change));

        this.config = from.isPresent()
                ? Config.read(from.get().resolve("config.json")).json()
                : given.orElseThrow(() -> new IllegalArgumentException(
                        network + ": expected config, what config.json of a UNet2DModel has, or from, its folder"));
        config.addProperty("_class_name", "UNet2DModel");
        config.addProperty("sample_size", side);
        if (from.isPresent()) {
            unet = UNet2DModel.load(from.get(), manager, Precision.FLOAT32);
        } else {
            unet = new UNet2DModel(WrittenConfig.pixelUnet(network + " config", config));
            Initialization.fill(unet, manager, seed);
        }
        checkChannels(network, diffusion.loss());
        int multiple = 1 << (unet.config().blockOutChannels().size() - 1);
        data.require(multiple);
        TrainingLoop.Settings settings = loopFile.on(() -> data.batchesPerEpoch(batch, multiple), watcher);
        this.images = new ImageBatches(data, batch, settings.accumulate(), multiple, watcher);
        Parameters parameters = Parameters.of(ImmutableMap.of("unet", unet));
        loop = new TrainingLoop(
                settings,
                output.path(),
                parameters,
                new PixelDiffusion(unet, images, diffusion, seed, manager),
                samples.count() == 0 ? Optional.empty() : Optional.of(this::samples),
                watcher);
        watcher.prepared(new RunFacts(
                "diffusion of pixels",
                parameters.count(),
                data.learned(),
                data.setAside(),
                batch * settings.accumulate()));
    }

    private void checkChannels(RunFile network, DiffusionLoss loss) {
        int expected = unet.config().inChannels() * loss.answers();
        if (unet.config().outChannels() != expected) {
            throw network.bad(
                    "out_channels",
                    unet.config().outChannels(),
                    expected + ", as the scheduler's variance_type is "
                            + (loss.variance().isPresent() ? "" : "not ") + "a learned one");
        }
    }

    /**
     * Reads a run file and makes ready.
     *
     * @param manager owns the weights; its device is where training runs
     * @throws IllegalArgumentException naming what in the file is wrong
     * @throws IOException if a file cannot be read, or another process is at this run
     */
    public static DdpmTraining open(Path file, StartOptions options, NDManager manager, TrainingLoop.Watcher watcher)
            throws IOException {
        return RunFolder.begin(
                file,
                options,
                watcher,
                (run, output) -> new DdpmTraining(manager, run, options.images(), output, watcher));
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
        UnconditionalPipeline pipeline = UnconditionalPipeline.of(
                "step " + step,
                manager,
                unet,
                SchedulerConfig.from(scheduler, "the run file's scheduler"),
                new ModelDefaults(side, side, samples.steps(), 1));
        return samples.draw("Step " + step, pipeline, watcher::stopping);
    }

    /** Writes the model as it is now, its parameters averaged, to {@code folder}. */
    public Path save(Path folder) throws IOException {
        try (Leases.Lease use = output.use()) {
            loop.averaged(() -> ModelFolder.write(folder, draft -> {
                ModelFolder.part(
                        draft.resolve("unet"), config, unet, "diffusion_pytorch_model.safetensors", StoredType.F16);
                Files.createDirectories(draft.resolve("scheduler"));
                ModelFolder.json(draft.resolve("scheduler").resolve("scheduler_config.json"), scheduler);
                ModelFolder.pixelIndex(draft, scheduler.get("_class_name").getAsString(), index);
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
