package io.latent4j.training;

import ai.djl.ndarray.NDManager;
import io.latent4j.core.config.Counted;
import io.latent4j.core.memory.Leases;
import io.latent4j.lora.LoraPart;
import io.latent4j.lora.TrainableLora;
import io.latent4j.pipeline.TextToImagePipeline;
import io.latent4j.pipeline.model.Components;
import io.latent4j.pipeline.request.AdapterUse;
import io.latent4j.training.config.RunPlan;
import io.latent4j.training.config.StartOptions;
import io.latent4j.training.data.CaptionedImages;
import io.latent4j.training.diffusion.Dropout;
import io.latent4j.training.model.AdaptedModel;
import io.latent4j.training.model.CaptionConditioner;
import io.latent4j.training.optimizer.Objective;
import io.latent4j.training.optimizer.Parameters;
import io.latent4j.training.optimizer.RateSchedule;
import io.latent4j.training.run.Checkpoints;
import io.latent4j.training.run.RunFolder;
import io.latent4j.training.run.TrainingLoop;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Trains an adapter of a model, whose own weights stay as they are and need no gradients; writes {@code
 * lora.safetensors} in the run's folder.
 */
public final class LoraTraining implements Training {
    private static final String NAME = "lora";
    private static final String ENDING = ".safetensors";

    private final RunFolder output;
    private final FineTuning base;
    private final AdapterPlan adapter;
    private final TrainableLora lora;
    private final TrainingLoop loop;

    /**
     * Takes over {@code output}.
     *
     * @param provided images to train on, instead of those that {@code plan} names
     */
    LoraTraining(
            NDManager manager,
            LoraPlan plan,
            Optional<CaptionedImages> provided,
            RunFolder output,
            TrainingLoop.Watcher watcher)
            throws IOException {
        this.output = output;
        this.adapter = plan.adapter();
        this.base = FineTuning.open(manager, plan.base(), provided, output, watcher);
        try {
            Components parts = base.parts();
            this.lora = TrainableLora.create(NAME, adapter.design(), parts.adaptable(), base.seed(), parts.manager());
            if (!lora.adaptsKernels()) {
                adapter.refuseKernels("no target is a convolution with a kernel");
            }
            begin(parts, watcher);
            boolean trainsText = adapter.design().targets().containsKey(LoraPart.TEXT_ENCODER);
            CaptionConditioner texts = trainsText ? base.conditioner(parts) : base.conditioner();
            Objective objective = base.objective(new AdaptedModel(parts, lora, texts), parts.readers());
            this.loop = base.loop(
                    "adapter of " + Counted.of(lora.size(), "layer"),
                    output,
                    parameters(lora, adapter),
                    new Dropout(objective, lora, adapter.dropout(), base.seed()),
                    new TextToImagePipeline(parts).withAdapters(lora.lora()),
                    request -> request.withAdapters(new AdapterUse(lora.lora().name())),
                    watcher);
        } catch (IOException | RuntimeException | Error e) {
            try (base) {
                throw e;
            }
        }
    }

    private void begin(Components parts, TrainingLoop.Watcher watcher) throws IOException {
        if (adapter.from().isPresent() && Checkpoints.areIn(output.path())) {
            watcher.note("going on from the checkpoint; adapter.from counts for a new run only");
        } else if (adapter.from().isPresent()) {
            lora.goOnFrom(adapter.from().get(), parts.adaptable(), parts.manager());
        }
    }

    private static Parameters parameters(TrainableLora lora, AdapterPlan adapter) {
        Map<String, TrainableLora.Factor> factors = lora.factors();
        adapter.checkRates(factors.values());
        return Parameters.ofArrays(lora.arrays(), name -> adapter.rate(factors.get(name)));
    }

    private Map<String, String> metadata() {
        Map<String, String> metadata = new TreeMap<>();
        Components parts = base.parts();
        RateSchedule rate = base.settings().rate();
        String title = output.path().getFileName().toString();
        metadata.put("ss_sd_model_name", parts.name());
        metadata.put("ss_output_name", title);
        metadata.put("ss_learning_rate", String.valueOf(rate.rate()));
        metadata.put("ss_max_train_steps", String.valueOf(rate.steps()));
        metadata.put("ss_num_train_images", String.valueOf(base.images()));
        metadata.put("ss_total_batch_size", String.valueOf(base.imagesAStep()));
        metadata.put("ss_resolution", "(" + base.side() + ", " + base.side() + ")");
        if (base.clipSkip() > 1) {
            metadata.put("ss_clip_skip", String.valueOf(base.clipSkip()));
        }
        metadata.put("ss_seed", String.valueOf(base.seed()));
        metadata.put("modelspec.title", title);
        metadata.put("modelspec.resolution", base.side() + "x" + base.side());
        metadata.putAll(parts.family().adapterMetadata(parts));
        return metadata;
    }

    /**
     * Reads and checks a run file, makes its folder, and makes the run ready.
     *
     * @param manager whose device is where training runs
     * @throws IllegalArgumentException naming all that is wrong in the file, before the folder is made
     * @throws IOException if a file cannot be read, or another process is at this run
     * @throws java.util.concurrent.CancellationException if {@code watcher} stops it while it makes class images
     */
    public static LoraTraining open(Path file, StartOptions options, NDManager manager, TrainingLoop.Watcher watcher)
            throws IOException {
        LoraPlan plan =
                LoraPlan.read(RunPlan.file(file, options), options.images().isPresent());
        return RunFolder.begin(
                plan.base().run().output(),
                options.fresh(),
                watcher,
                output -> new LoraTraining(manager, plan, options.images(), output, watcher));
    }

    /** Trains, and writes the adapter; answers its file. */
    @Override
    public Optional<Path> run() throws IOException {
        try (Leases.Lease use = output.use()) {
            return loop.run(output, step -> save(output.after(step, NAME, ENDING)))
                    ? Optional.of(save(output.path().resolve(NAME + ENDING)))
                    : Optional.empty();
        }
    }

    /** Writes the adapter as it is now, its factors averaged, to {@code file}. */
    public Path save(Path file) throws IOException {
        try (Leases.Lease use = output.use()) {
            loop.averaged(() -> lora.write(file, adapter.naming(), metadata(), adapter.type()));
        }
        return file;
    }

    /** The model with which it trains. */
    Components parts() {
        return base.parts();
    }

    /** What it trains. */
    TrainableLora lora() {
        return lora;
    }

    @Override
    public void close() {
        output.close(() -> {
            try (base) {
                lora.close();
            }
        });
    }
}
