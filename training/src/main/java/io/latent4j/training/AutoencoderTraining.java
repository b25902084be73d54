package io.latent4j.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import com.google.common.collect.ImmutableMap;
import com.google.gson.JsonObject;
import io.latent4j.core.image.Images;
import io.latent4j.core.memory.Leases;
import io.latent4j.core.nn.Pass;
import io.latent4j.core.nn.Precision;
import io.latent4j.core.random.TorchRandom;
import io.latent4j.core.weights.StoredType;
import io.latent4j.training.autoencoder.Adversary;
import io.latent4j.training.autoencoder.AutoencoderObjective;
import io.latent4j.training.autoencoder.ImageQuality;
import io.latent4j.training.autoencoder.PerceptualDistance;
import io.latent4j.training.batches.ImageBatches;
import io.latent4j.training.batches.ImageData;
import io.latent4j.training.config.RunPlan;
import io.latent4j.training.config.StartOptions;
import io.latent4j.training.data.Batches;
import io.latent4j.training.data.CaptionedImages;
import io.latent4j.training.optimizer.Initialization;
import io.latent4j.training.optimizer.Parameters;
import io.latent4j.training.run.ModelFolder;
import io.latent4j.training.run.RunFacts;
import io.latent4j.training.run.RunFolder;
import io.latent4j.training.run.TrainingLoop;
import io.latent4j.training.samples.SampleSheet;
import io.latent4j.vae.AutoencoderKL;
import io.latent4j.vae.DiagonalGaussian;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Trains an {@link AutoencoderKL} as a run file says, and writes its folder: {@code vae} in the run's. */
public final class AutoencoderTraining implements Training {
    private static final int BATCHES_TO_MEASURE = 16;
    private static final int MEASURED_AT_ONCE = 16;
    private static final int SAMPLES = 8;

    private final NDManager manager;
    private final RunFolder output;
    private final TrainingLoop.Watcher watcher;
    private final AutoencoderPlan plan;
    private final AutoencoderKL vae;
    private final ImageData data;
    private final ImageBatches images;
    private final TrainingLoop loop;

    /**
     * Takes over {@code output}.
     *
     * @param provided images to train on, instead of those that {@code plan} names
     */
    AutoencoderTraining(
            NDManager manager,
            AutoencoderPlan plan,
            Optional<CaptionedImages> provided,
            RunFolder output,
            TrainingLoop.Watcher watcher)
            throws IOException {
        this.manager = manager;
        this.output = output;
        this.watcher = watcher;
        this.plan = plan;
        int seed = plan.run().seed();
        this.data = ImageData.open(plan.data(), provided, seed);
        data.checkWhole(watcher);
        output.compare(plan.run().values()).forEach(change -> watcher.note("since last time: " + change));
        if (plan.from().isPresent()) {
            vae = AutoencoderKL.load(plan.from().get(), manager, Precision.FLOAT32);
        } else {
            vae = new AutoencoderKL(plan.shape());
            Initialization.fill(vae, manager, seed);
        }
        int batch = plan.batch();
        int multiple = vae.config().downscale();
        TrainingLoop.Settings settings = plan.loop().on(() -> data.batchesPerEpoch(batch, multiple), watcher);
        this.images = new ImageBatches(data, batch, settings.accumulate(), multiple, watcher);
        Parameters parameters = Parameters.of(ImmutableMap.of("vae", vae));
        Optional<AutoencoderObjective.Perceptual> perceptual = Optional.empty();
        if (plan.perceptual().isPresent()) {
            AutoencoderPlan.Perceptual features = plan.perceptual().get();
            AutoencoderKL judge = AutoencoderKL.load(features.from(), manager, Precision.FLOAT32);
            perceptual =
                    Optional.of(new AutoencoderObjective.Perceptual(new PerceptualDistance(judge), features.weight()));
        }
        loop = new TrainingLoop(
                settings,
                output.path(),
                parameters,
                new AutoencoderObjective(
                        vae,
                        images,
                        plan.loss(),
                        perceptual,
                        plan.adversary().map(its -> new Adversary(its, manager, seed)),
                        seed,
                        manager),
                Optional.of(this::samples),
                watcher);
        watcher.prepared(new RunFacts(
                "autoencoder", parameters.count(), data.learned(), data.setAside(), batch * settings.accumulate()));
    }

    /**
     * Reads and checks a run file, makes its folder, and makes the run ready.
     *
     * @param manager owns the weights; its device is where training runs
     * @throws IllegalArgumentException naming all that is wrong in the file, before the folder is made
     * @throws IOException if a file cannot be read, or another process is at this run
     */
    public static AutoencoderTraining open(
            Path file, StartOptions options, NDManager manager, TrainingLoop.Watcher watcher) throws IOException {
        AutoencoderPlan plan = AutoencoderPlan.read(
                RunPlan.file(file, options), options.images().isPresent());
        return RunFolder.begin(
                plan.run().output(),
                options.fresh(),
                watcher,
                output -> new AutoencoderTraining(manager, plan, options.images(), output, watcher));
    }

    /** {@link #open(Path, StartOptions, NDManager, TrainingLoop.Watcher)} as the run file says. */
    public static AutoencoderTraining open(Path file, NDManager manager, TrainingLoop.Watcher watcher)
            throws IOException {
        return open(file, StartOptions.DEFAULT, manager, watcher);
    }

    /** Trains, and writes the autoencoder, in its config the scale that its latents are to be multiplied with. */
    @Override
    public Optional<Path> run() throws IOException {
        try (Leases.Lease use = output.use()) {
            return loop.run(output, step -> save(output.after(step, "vae", "")))
                    ? Optional.of(save(output.path().resolve("vae")))
                    : Optional.empty();
        }
    }

    private Path save(Path folder) throws IOException {
        try (Leases.Lease use = output.use()) {
            loop.averaged(() -> {
                JsonObject config = plan.config().json();
                double measured = 1 / deviation();
                if (plan.scale() == AutoencoderPlan.LatentScale.MEASURED) {
                    config.addProperty("scaling_factor", measured);
                    watcher.note(String.format(Locale.ROOT, "latent scale %.5f, as measured", measured));
                } else {
                    double kept = vae.config().scalingFactor();
                    config.addProperty("scaling_factor", kept);
                    watcher.note(String.format(
                            Locale.ROOT, "latent scale %.5f, as it was (measured: %.5f)", kept, measured));
                }
                ModelFolder.write(
                        folder,
                        draft -> ModelFolder.part(
                                draft, config, vae, "diffusion_pytorch_model.safetensors", StoredType.F16));
            });
        }
        return folder;
    }

    /** Images that were set aside, above what the autoencoder gives back of them. */
    @SuppressWarnings("try")
    private BufferedImage samples(long step) throws IOException {
        try (NDScope scope = new NDScope()) {
            NDArray originals = ImageBatches.array(data.shown(SAMPLES), manager);
            NDArray back = vae.decode(
                    Pass.inference(), vae.encode(Pass.inference(), originals).mode());
            List<BufferedImage> above = Images.of(originals);
            List<BufferedImage> below = Images.of(back);
            List<SampleSheet.Cell> cells = new ArrayList<>();
            for (int i = 0; i < above.size(); i++) {
                String each = i + ":" + (i + 1);
                cells.add(new SampleSheet.Cell(
                        SampleSheet.above(above.get(i), below.get(i)),
                        decibels(ImageQuality.psnr(back.get(each), originals.get(each)))));
            }
            String title = "Step " + step + ": originals above, given back below, "
                    + decibels(ImageQuality.psnr(back, originals));
            return new SampleSheet(title, cells).draw();
        }
    }

    private static String decibels(double psnr) {
        return String.format(Locale.ROOT, "%.1f dB", psnr);
    }

    /** The standard deviation of the latents. */
    @SuppressWarnings("try")
    private double deviation() throws IOException {
        Batches measured = data.squares(0, MEASURED_AT_ONCE);
        double sum = 0;
        double squares = 0;
        long count = 0;
        for (int i = 0; i < BATCHES_TO_MEASURE; i++) {
            try (NDScope scope = new NDScope()) {
                DiagonalGaussian encoded = vae.encode(Pass.inference(), ImageBatches.array(measured.batch(i), manager));
                NDArray latents = encoded.sample(
                        new TorchRandom(i).normal(manager, encoded.mean().getShape()));
                sum += latents.sum().getFloat();
                squares += latents.square().sum().getFloat();
                count += latents.size();
            }
        }
        double mean = sum / count;
        return Math.sqrt(squares / count - mean * mean);
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
