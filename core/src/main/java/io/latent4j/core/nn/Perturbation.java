package io.latent4j.core.nn;

import java.util.List;

/**
 * Attention that some samples of a batch do without: in these layers each of their tokens keeps its own value, as if it
 * attended to itself alone (<a href="https://arxiv.org/abs/2403.17377">Ahn et al. 2024</a>, perturbed-attention guidance).
 *
 * @param layers attention of tokens to each other, by identity
 * @param first the first sample that does without, 1 or more; those after it do too
 */
public record Perturbation(List<Attention> layers, long first) {

    public Perturbation {
        layers = List.copyOf(layers);
        if (first < 1) {
            throw new IllegalArgumentException(
                    "the first sample without attention is " + first + "; expected 1 or more");
        }
    }

    /** Whether {@code layer} is one of these. */
    boolean concerns(Attention layer) {
        return layers.stream().anyMatch(each -> each == layer);
    }
}
