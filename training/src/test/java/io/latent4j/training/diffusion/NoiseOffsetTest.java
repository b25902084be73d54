package io.latent4j.training.diffusion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.latent4j.core.nn.Pass;
import io.latent4j.pipeline.model.Conditioning;
import io.latent4j.schedulers.PredictionType;
import io.latent4j.schedulers.process.ForwardProcess;
import io.latent4j.schedulers.process.NoiseSchedule;
import io.latent4j.training.batches.LatentBatch;
import io.latent4j.training.batches.LatentBatches;
import io.latent4j.training.model.LatentModel;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The noise that a model is shown with {@code noise_offset}, seen through a model that answers nothing. */
class NoiseOffsetTest {
    private static final int IMAGES = 128;
    private static final int CHANNELS = 4;
    private static final int PLANE = 8 * 8;
    private static final double OFFSET = 0.5;

    /** Black images in latents that are known for sure. */
    private record Blank() implements LatentBatches {
        @Override
        public LatentBatch learned(long step, int part) {
            float[] zeros = new float[IMAGES * CHANNELS * PLANE];
            return new LatentBatch(shape(), zeros, zeros, Collections.nCopies(IMAGES, ""));
        }

        @Override
        public int size() {
            return IMAGES;
        }

        @Override
        public Shape shape() {
            return new Shape(CHANNELS, 8, 8);
        }

        @Override
        public List<LatentBatch> setAside() {
            return List.of();
        }
    }

    /** The noise of the first step, image by image and channel by channel. */
    private static float[] noise(double offset) throws IOException {
        ForwardProcess process = new ForwardProcess(NoiseSchedule.squaredCosine(100));
        DiffusionLoss loss = new DiffusionLoss(process, PredictionType.EPSILON, Optional.empty(), Optional.empty());
        List<float[]> seen = new ArrayList<>();
        try (NDManager manager = NDManager.newBaseManager()) {
            LatentModel model = (pass, noisy, timesteps, told) -> {
                float[] times = timesteps.toFloatArray();
                float[] values = noisy.toFloatArray();
                for (int i = 0; i < values.length; i++) { // x0 is 0
                    double snr = process.snr((int) times[i / (CHANNELS * PLANE)]);
                    values[i] *= (float) Math.sqrt(1 + snr);
                }
                seen.add(values);
                return noisy.zerosLike();
            };
            NDArray nothing = manager.zeros(new Shape(IMAGES, 1, 1));
            LatentDiffusion objective = new LatentDiffusion(
                    model,
                    (pass, its, texts) -> Conditioning.of(nothing),
                    new DiffusionSettings(loss, new Timesteps.Uniform(), offset),
                    1,
                    new Blank(),
                    3,
                    manager);
            objective.prepare(1, 0);
            objective.loss(Pass.inference(), 1, 0);
        }
        return seen.get(0);
    }

    @Test
    void shiftsEachChannelOfEachImageByANormalNumberOfThatSpread() throws IOException {
        float[] plain = noise(0);
        float[] shifted = noise(OFFSET);
        double squares = 0;
        double sum = 0;
        int planes = IMAGES * CHANNELS;
        for (int plane = 0; plane < planes; plane++) {
            double shift = shifted[plane * PLANE] - plain[plane * PLANE];
            for (int i = 1; i < PLANE; i++) {
                assertThat((double) shifted[plane * PLANE + i] - plain[plane * PLANE + i])
                        .isCloseTo(shift, within(1e-3));
            }
            sum += shift;
            squares += shift * shift;
        }
        double error = OFFSET / Math.sqrt(planes); // of the mean; that of the spread is smaller
        assertThat(sum / planes).isCloseTo(0, within(4 * error));
        assertThat(Math.sqrt(squares / planes)).isCloseTo(OFFSET, within(4 * error));
        assertThat(spreadOfMeans(shifted))
                .as("beside the mean of so much plain noise")
                .isCloseTo(Math.hypot(OFFSET, 1 / Math.sqrt(PLANE)), within(4 * error));
        assertThat(spreadOfMeans(plain)).isCloseTo(1 / Math.sqrt(PLANE), within(0.02));
    }

    private static double spreadOfMeans(float[] noise) {
        double squares = 0;
        int planes = noise.length / PLANE;
        for (int plane = 0; plane < planes; plane++) {
            double mean = 0;
            for (int i = 0; i < PLANE; i++) {
                mean += noise[plane * PLANE + i] / (double) PLANE;
            }
            squares += mean * mean;
        }
        return Math.sqrt(squares / planes);
    }
}
