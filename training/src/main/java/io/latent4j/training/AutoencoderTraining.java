package io.latent4j.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.DataType;
import com.google.common.collect.ImmutableMap;
import com.google.gson.JsonObject;
import io.latent4j.core.config.ConfigJson;
import io.latent4j.core.nn.Pass;
import io.latent4j.core.random.TorchRandom;
import io.latent4j.core.weights.StoredType;
import io.latent4j.vae.AutoencoderKL;
import io.latent4j.vae.AutoencoderKLConfig;
import io.latent4j.vae.DiagonalGaussian;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** Trains an {@link AutoencoderKL} as a run file says, and writes its folder: {@code vae} in the run's. */
public final class AutoencoderTraining implements AutoCloseable {
    private static final int BATCHES_TO_MEASURE = 16;

    private final NDManager manager;
    private final Path output;
    private final AutoencoderKL vae;
    private final JsonObject config;
    private final PictureSource pictures;
    private final TrainingLoop loop;

    private AutoencoderTraining(NDManager manager, RunFile file, TrainingLoop.Watcher watcher) throws IOException {
        this.manager = manager;
        this.output = Path.of(file.requiredText("output"));
        int seed = file.integer("seed", 0, 0);
        this.pictures = PictureSource.read(file.section("data"), seed);
        RunFile model = file.section("model");
        Optional<String> from = model.text("from");
        this.config = from.isPresent()
                ? ConfigJson.read(Path.of(from.get()).resolve("config.json")).json()
                : model.object("config")
                        .orElseThrow(() -> new IllegalArgumentException(model
                                + ": expected config, what config.json of an AutoencoderKL has, or from, its folder"));
        RunFile loss = file.section("loss");
        AutoencoderLoss objective = new AutoencoderLoss(loss.real("l1", 1), loss.real("l2", 0), loss.real("kl", 1e-6));
        RunFile features = loss.section("perceptual");
        Optional<Path> network =
                loss.has("perceptual") ? Optional.of(Path.of(features.requiredText("from"))) : Optional.empty();
        double perceptualWeight = features.real("weight", 1);
        RunFile opponent = loss.section("discriminator");
        Optional<Adversary.Settings> discriminator = loss.has("discriminator")
                ? Optional.of(new Adversary.Settings(
                        opponent.integer("start", 0, 0),
                        opponent.real("weight", 0.5),
                        opponent.integer("channels", 8, 64),
                        opponent.integer("layers", 1, 3),
                        opponent.real("rate", 1e-4)))
                : Optional.empty();
        RunFile training = file.section("training");
        int batch = training.integer("batch", 1, 16);
        TrainingLoop.Settings settings = LoopFile.read(training);
        file.refuseTheRest();

        if (from.isPresent()) {
            vae = AutoencoderKL.load(Path.of(from.get()), manager, DataType.FLOAT32);
        } else {
            vae = new AutoencoderKL(AutoencoderKLConfig.from(ConfigJson.of(model + " config", config)));
            Initialization.fill(vae, manager, seed);
        }
        Parameters parameters = Parameters.of(ImmutableMap.of("vae", vae));
        Optional<AutoencoderObjective.Perceptual> perceptual = Optional.empty();
        if (network.isPresent()) {
            AutoencoderKL judge = AutoencoderKL.load(network.get(), manager, DataType.FLOAT32);
            perceptual =
                    Optional.of(new AutoencoderObjective.Perceptual(new PerceptualDistance(judge), perceptualWeight));
        }
        loop = new TrainingLoop(
                settings,
                output,
                parameters,
                new AutoencoderObjective(
                        vae,
                        (number, arrays) -> pictures.batch(arrays, number, batch),
                        (number, arrays) -> pictures.setAside(arrays, batch),
                        objective,
                        perceptual,
                        discriminator.map(its -> new Adversary(its, manager, seed)),
                        seed,
                        manager),
                watcher);
    }

    /**
     * Reads a run file and makes ready.
     *
     * @param manager owns the weights; its device is where training runs
     * @throws IllegalArgumentException naming what in the file is wrong
     * @throws IOException if a file cannot be read
     */
    public static AutoencoderTraining open(Path file, NDManager manager, TrainingLoop.Watcher watcher)
            throws IOException {
        return new AutoencoderTraining(manager, RunFile.read(file), watcher);
    }

    /**
     * Trains, and writes the autoencoder with the latent scale that gives its latents unit variance.
     *
     * @return the folder written
     */
    public Path run() throws IOException {
        loop.run();
        Path folder = output.resolve("vae");
        loop.averaged(() -> {
            config.addProperty("scaling_factor", 1 / deviation());
            ModelFolder.write(
                    folder,
                    draft -> ModelFolder.part(
                            draft, config, vae, "diffusion_pytorch_model.safetensors", StoredType.F16));
        });
        return folder;
    }

    /** The standard deviation of the latents. */
    @SuppressWarnings("try")
    private double deviation() {
        double sum = 0;
        double squares = 0;
        long count = 0;
        for (int i = 0; i < BATCHES_TO_MEASURE; i++) {
            try (NDScope scope = new NDScope()) {
                DiagonalGaussian encoded = vae.encode(Pass.inference(), pictures.batch(manager, i, 16));
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
        manager.close();
    }
}
