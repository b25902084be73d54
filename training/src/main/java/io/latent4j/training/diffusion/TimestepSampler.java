package io.latent4j.training.diffusion;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.latent4j.training.data.Draws;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/** Draws the timesteps of batches, and learns from their losses where that is asked for. */
final class TimestepSampler {
    private final Timesteps timesteps;
    private final int first;
    private final int count;
    private final Optional<LossHistory> history;

    /** A batch's timesteps. */
    static final class Drawn {
        private final int[] places; // from the first timestep on
        private final int first;
        private final Optional<float[]> weights; // so that the mean loss is that over all timesteps; empty for 1

        private Drawn(int[] places, int first, Optional<float[]> weights) {
            this.places = places;
            this.first = first;
            this.weights = weights;
        }

        int[] timesteps() {
            return IntStream.of(places).map(place -> first + place).toArray();
        }

        /** What each one's loss counts for; 1 on average. */
        float weight(int index) {
            return weights.map(all -> all[index]).orElse(1f);
        }
    }

    /** Of timesteps {@code first} to {@code first + count − 1}. No scope may be open; {@code manager} owns what it remembers. */
    TimestepSampler(Timesteps timesteps, int first, int count, NDManager manager) {
        this.timesteps = timesteps;
        this.first = first;
        this.count = count;
        this.history = timesteps instanceof Timesteps.ByLoss byLoss
                ? Optional.of(new LossHistory(count, byLoss.buckets(), manager))
                : Optional.empty();
    }

    Drawn draw(Draws draws, int batch) {
        if (history.isEmpty() || !history.get().isFull()) {
            return new Drawn(timesteps.draw(draws, batch, count), first, Optional.empty());
        }
        double[] probabilities = history.get().probabilities();
        int[] drawn = LossHistory.draw(draws, batch, probabilities);
        float[] weights = new float[batch];
        for (int i = 0; i < batch; i++) {
            weights[i] = (float) (1 / (probabilities[drawn[i]] * count));
        }
        return new Drawn(drawn, first, Optional.of(weights));
    }

    /** The mean of {@code losses}, (N), of a batch, from which it learns. */
    NDArray mean(Drawn drawn, NDArray losses) {
        history.ifPresent(h -> h.add(drawn.places, losses.toFloatArray()));
        return drawn.weights
                .map(weights -> losses.mul(losses.getManager().create(weights)))
                .orElse(losses)
                .mean();
    }

    /** What it remembers, to be stored and to be written into. */
    Map<String, NDArray> state() {
        return history.map(LossHistory::state).orElse(Map.of());
    }
}
