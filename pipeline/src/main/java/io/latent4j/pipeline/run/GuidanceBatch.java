package io.latent4j.pipeline.run;

import io.latent4j.pipeline.request.PerturbedAttention;

/**
 * Which predictions a step is made of, besides that of the prompt. In a batch they lie in this order: negative, prompt,
 * perturbed.
 *
 * @param negative that of the negative prompt
 * @param perturbed that of the prompt with {@link PerturbedAttention}
 */
record GuidanceBatch(boolean negative, boolean perturbed) {
    /** The prompt's alone. */
    static final GuidanceBatch PROMPT = new GuidanceBatch(false, false);

    /** How many predictions there are. */
    int count() {
        return 1 + (negative ? 1 : 0) + (perturbed ? 1 : 0);
    }

    /** How many of them are made with all attention. */
    int attending() {
        return negative ? 2 : 1;
    }
}
