package io.latent4j.training;

import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.latent4j.core.config.Bounds;
import io.latent4j.core.config.Config;
import io.latent4j.schedulers.config.SchedulerConfig;
import io.latent4j.training.batches.DataPlan;
import io.latent4j.training.config.RunPlan;
import io.latent4j.training.config.WrittenConfig;
import io.latent4j.training.diffusion.DiffusionPlan;
import io.latent4j.training.diffusion.DiffusionSettings;
import io.latent4j.training.run.LoopPlan;
import io.latent4j.training.samples.UnconditionalSamples;
import io.latent4j.unet.UNet2DConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The run file of a {@link DdpmTraining}.
 *
 * @param scheduler of the model that is written
 * @param index what its {@code model_index.json} has besides
 * @param from the folder of a network to begin with; empty for a new one
 * @param config what its {@code config.json} has, with its class and the size of images
 * @param batch images
 */
record DdpmPlan(
        RunPlan run,
        DataPlan data,
        SchedulerConfig scheduler,
        Config index,
        Optional<Path> from,
        Config config,
        UNet2DConfig shape,
        DiffusionSettings diffusion,
        UnconditionalSamples samples,
        int batch,
        LoopPlan loop) {
    private static final String CLASS = "_class_name";

    /**
     * Reads and checks a whole run file; loads nothing.
     *
     * @param given whether the program gives the images
     * @throws IllegalArgumentException naming all keys that are wrong
     * @throws IOException if the config of the network to begin with cannot be read, or a folder of images is not there
     */
    static DdpmPlan read(Config file, boolean given) throws IOException {
        DdpmPlan plan = file.collect(run -> {
            DataPlan data = DataPlan.read(run.section("data"), DataPlan.Kind.PIXELS, given);
            Config network = run.section("unet");
            Optional<Path> from = network.path("from");
            Config config = PartPlan.config(network, from, "config.json of a UNet2DModel")
                    .with(CLASS, new JsonPrimitive("UNet2DModel"), "this program")
                    .with("sample_size", new JsonPrimitive(data.side()), "data.size");
            Optional<UNet2DConfig> shape =
                    from.isPresent() ? Optional.of(UNet2DConfig.from(config)) : WrittenConfig.pixelUnet(config);
            shape.ifPresent(its -> data.require(multiple(its)));
            Optional<SchedulerConfig> scheduler = scheduler(run);
            DiffusionPlan loss = DiffusionPlan.read(run.section("loss"));
            Optional<DiffusionSettings> diffusion =
                    scheduler.flatMap(its -> loss.section().checked(() -> loss.of(its)));
            if (shape.isPresent() && diffusion.isPresent()) {
                checkChannels(network, shape.get(), diffusion.get());
            }
            Config training = run.section("training");
            RunPlan head = RunPlan.read(run);
            Config index = Config.of("model_index", run.values("model_index").orElseGet(JsonObject::new));
            UnconditionalSamples samples = UnconditionalSamples.read(
                    run.section("samples"),
                    scheduler.map(its -> its.noise().timesteps()).orElse(1));
            int batch = training.integer("batch", Bounds.atLeast(1), 16);
            LoopPlan loop = LoopPlan.read(training);
            run.refuseTheRest();
            return new DdpmPlan(
                    head,
                    data,
                    scheduler.orElseThrow(IllegalArgumentException::new), // what is wrong with these is noted
                    index,
                    from,
                    config,
                    shape.orElseThrow(IllegalArgumentException::new),
                    diffusion.orElseThrow(IllegalArgumentException::new),
                    samples,
                    batch,
                    loop);
        });
        plan.data.requireIsThere();
        return plan;
    }

    private static Optional<SchedulerConfig> scheduler(Config run) {
        Optional<JsonObject> written = run.values("scheduler");
        if (written.isEmpty()) {
            run.refuse("scheduler", "is missing; expected what scheduler_config.json has");
        }
        written.filter(its -> !its.has(CLASS)).ifPresent(its -> its.addProperty(CLASS, "DDPMScheduler"));
        return written.flatMap(its -> WrittenConfig.scheduler(run, its));
    }

    private static void checkChannels(Config network, UNet2DConfig shape, DiffusionSettings diffusion) {
        int expected = shape.inChannels() * diffusion.loss().answers();
        if (shape.outChannels() != expected) {
            boolean learned = diffusion.loss().variance().isPresent();
            network.refuse(
                    "out_channels",
                    "is " + shape.outChannels() + "; expected " + expected + ", as the scheduler's variance_type is "
                            + (learned ? "" : "not ") + "a learned one");
        }
    }

    /** What the sides of images are multiples of. */
    int multiple() {
        return multiple(shape);
    }

    private static int multiple(UNet2DConfig shape) {
        return 1 << (shape.blockOutChannels().size() - 1);
    }
}
