package io.latent4j.training;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.Shape;
import com.google.common.collect.ImmutableMap;
import com.google.gson.JsonObject;
import io.latent4j.core.config.Config;
import io.latent4j.core.image.Images;
import io.latent4j.schedulers.PredictionType;
import io.latent4j.schedulers.process.ForwardProcess;
import io.latent4j.schedulers.process.NoiseSchedule;
import io.latent4j.textencoder.ClipTextModel;
import io.latent4j.textencoder.ClipTokenizer;
import io.latent4j.training.batches.LatentBatch;
import io.latent4j.training.batches.LatentBatches;
import io.latent4j.training.data.scenes.SceneSet;
import io.latent4j.training.data.scenes.Scenes;
import io.latent4j.training.diffusion.DiffusionLoss;
import io.latent4j.training.diffusion.DiffusionSettings;
import io.latent4j.training.diffusion.LatentDiffusion;
import io.latent4j.training.diffusion.Timesteps;
import io.latent4j.training.model.CaptionConditioner;
import io.latent4j.training.model.TokenizerTraining;
import io.latent4j.training.optimizer.AdamW;
import io.latent4j.training.optimizer.Initialization;
import io.latent4j.training.optimizer.Parameters;
import io.latent4j.training.optimizer.RateSchedule;
import io.latent4j.training.run.TrainingLoop;
import io.latent4j.unet.UNet2DConditionConfig;
import io.latent4j.unet.UNet2DConditionModel;
import io.latent4j.unet.UNetInput;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Networks that have seen eight images only, and know them by heart soon if anything is learned at all. */
class OverfittingTest {
    private static final int IMAGES = 8;
    private static final int SIDE = 8;
    private static final int STEPS = 300;

    @TempDir
    private Path folder;

    @Test
    void learnsEightImagesByHeart() throws IOException {
        List<Double> losses = new ArrayList<>();
        try (NDManager manager = NDManager.newBaseManager()) {
            LatentBatch images = images(manager);
            TokenizerTraining.write(images.captions(), 560, 16, folder.resolve("tokenizer"));
            try (ClipTokenizer tokenizer = ClipTokenizer.read(folder.resolve("tokenizer"))) {
                ClipTextModel text = TinyModels.textEncoder(manager, tokenizer, 1);
                UNet2DConditionModel unet = unet(manager);
                LatentDiffusion objective = new LatentDiffusion(
                        (pass, noisy, times, told) -> unet.forward(pass, UNetInput.of(noisy, times, told.context())),
                        CaptionConditioner.of(text, tokenizer),
                        new DiffusionSettings(
                                new DiffusionLoss(
                                        new ForwardProcess(NoiseSchedule.squaredCosine(100)),
                                        PredictionType.SAMPLE,
                                        Optional.empty(),
                                        Optional.empty()),
                                new Timesteps.Uniform(),
                                0),
                        1,
                        new Same(images),
                        1,
                        manager);
                Parameters parameters = Parameters.of(ImmutableMap.of("unet", unet, "text_encoder", text));
                TrainingLoop loop =
                        new TrainingLoop(settings(), folder, parameters, objective, new Silent(losses::add));
                loop.run();
            }
        }
        assertThat(mean(losses.subList(0, 10))).isGreaterThan(0.2);
        assertThat(mean(losses.subList(STEPS - 20, STEPS))).isLessThan(0.015);
    }

    private static double mean(List<Double> values) {
        return values.stream().mapToDouble(value -> value).average().orElseThrow();
    }

    private static TrainingLoop.Settings settings() {
        return new TrainingLoop.Settings(
                new RateSchedule(4e-3, 20, STEPS, RateSchedule.Shape.COSINE),
                1,
                Optional.of(1.0),
                AdamW.Settings.DEFAULT,
                Optional.empty(),
                false,
                STEPS,
                1,
                STEPS,
                0,
                0);
    }

    private static UNet2DConditionModel unet(NDManager manager) {
        JsonObject config = TinyModels.unetConfig();
        config.addProperty("in_channels", 3);
        config.addProperty("out_channels", 3);
        UNet2DConditionModel unet = new UNet2DConditionModel(UNet2DConditionConfig.from(Config.of("unet", config)));
        Initialization.fill(unet, manager, 1);
        return unet;
    }

    /** Drawn scenes, their pixels as latents without deviation. */
    @SuppressWarnings("try")
    private static LatentBatch images(NDManager manager) throws IOException {
        SceneSet scenes = new SceneSet(IMAGES, SIDE, 3, 0, Scenes.Part.TRAINING);
        int width = 3 * SIDE * SIDE;
        float[] means = new float[IMAGES * width];
        List<String> captions = new ArrayList<>();
        for (int i = 0; i < IMAGES; i++) {
            try (NDScope scope = new NDScope()) {
                NDArray pixels = Images.toArray(manager, scenes.example(i).image());
                System.arraycopy(pixels.toFloatArray(), 0, means, i * width, width);
            }
            captions.add(scenes.example(i).captions().get(0));
        }
        return new LatentBatch(new Shape(3, SIDE, SIDE), means, new float[means.length], captions);
    }

    /** One batch again and again. */
    private record Same(LatentBatch batch) implements LatentBatches {
        @Override
        public LatentBatch learned(long step, int part) {
            return batch;
        }

        @Override
        public int size() {
            return batch.size();
        }

        @Override
        public Shape shape() {
            return batch.shape();
        }

        @Override
        public List<LatentBatch> setAside() {
            return List.of();
        }
    }
}
