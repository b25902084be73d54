package io.latent4j.training.diffusion;

import ai.djl.ndarray.NDArray;
import io.latent4j.core.nn.Pass;
import io.latent4j.lora.TrainableLora;
import io.latent4j.training.data.Draws;
import io.latent4j.training.optimizer.Objective;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * An objective of which each step switches a part of an adapter off.
 *
 * @param share of the adapter, 0 to below 1
 */
public record Dropout(Objective objective, TrainableLora lora, double share, long seed) implements Objective {
    private static final long STREAM = 0x64726f70; // apart from the draws of noise

    @Override
    public void prepare(long step, int part) throws IOException {
        objective.prepare(step, part);
    }

    @Override
    public Loss loss(Pass pass, long step, int part) {
        Draws draws = Draws.of(seed, STREAM, step, part);
        return objective.loss(pass.withAdapters(List.of(lora.recorded(share, draws::uniform))), step, part);
    }

    @Override
    public Optional<Trial> trial() {
        return objective.trial();
    }

    @Override
    public Map<String, Double> validate() throws IOException {
        return objective.validate();
    }

    @Override
    public Map<String, NDArray> after(long step, int part, int parts) {
        return objective.after(step, part, parts);
    }

    @Override
    public Map<String, NDArray> state() {
        return objective.state();
    }
}
