package io.latent4j.training.diffusion;

import ai.djl.ndarray.NDArray;
import com.google.common.collect.ImmutableMap;
import io.latent4j.core.nn.Pass;
import io.latent4j.core.ops.Ops;
import io.latent4j.training.optimizer.Objective;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;

/**
 * Learns one thing and keeps another: {@code loss + weight · prior} (<a href="https://arxiv.org/abs/2208.12242">Ruiz et
 * al. 2023</a>, equation 2).
 *
 * @param prior of images of what the model knew before it learned
 */
public record PriorPreservation(Objective objective, Objective prior, double weight) implements Objective {

    @Override
    public void prepare(long step, int part) throws IOException {
        objective.prepare(step, part);
        prior.prepare(step, part);
    }

    @Override
    public Loss loss(Pass pass, long step, int part) {
        Loss learned = objective.loss(pass, step, part);
        Loss kept = prior.loss(pass, step, part);
        ImmutableMap.Builder<String, NDArray> terms = ImmutableMap.builder();
        terms.putAll(learned.terms());
        terms.put("prior", kept.total());
        return new Loss(learned.total().add(Ops.mul(kept.total(), weight)), terms.buildOrThrow());
    }

    /** Both losses at once, as they are minimized. */
    @Override
    public Optional<Trial> trial() {
        return objective
                .trial()
                .flatMap(learned -> prior.trial()
                        .map(kept -> new Trial(
                                learned.batch(),
                                (pass, count) -> learned.loss()
                                        .apply(pass, count)
                                        .add(Ops.mul(kept.loss().apply(pass, count), weight)))));
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
        ImmutableMap.Builder<String, NDArray> state = ImmutableMap.builder();
        objective.state().forEach(state::put);
        prior.state().forEach((name, array) -> state.put("prior." + name, array));
        return state.buildOrThrow();
    }
}
