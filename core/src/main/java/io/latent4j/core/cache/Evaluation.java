package io.latent4j.core.cache;

import java.util.List;

/**
 * One evaluation of a denoiser in a run. Its batch holds one prediction after the other, each with a row for each image.
 *
 * @param step which of the run's steps it is for, from 0; a sampler may evaluate several times a step
 * @param noise the ratio of noise to signal of its latents
 * @param predictions in its batch: of the negative prompt, the prompt and the perturbed network
 * @param guided whether the first two of them are of the negative prompt and the prompt
 * @param conditions all else that the denoiser works with, compared by identity: texts, adapters, control networks
 */
public record Evaluation(int step, double noise, int predictions, boolean guided, List<?> conditions) {
    private static final double SAME_NOISE = 1 + 1e-4;

    public Evaluation {
        conditions = List.copyOf(conditions);
    }

    /**
     * Whether this may reuse what {@code before} computed: it makes the same predictions from the same conditions, and the
     * sampler did not raise the noise in between, as Restart does.
     */
    boolean follows(Evaluation before) {
        return noise <= before.noise * SAME_NOISE
                && predictions == before.predictions
                && guided == before.guided
                && sameConditions(before.conditions);
    }

    private boolean sameConditions(List<?> others) {
        if (conditions.size() != others.size()) {
            return false;
        }
        for (int i = 0; i < conditions.size(); i++) {
            if (conditions.get(i) != others.get(i)) {
                return false;
            }
        }
        return true;
    }
}
