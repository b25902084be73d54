package io.latent4j.training;

import io.latent4j.schedulers.PredictionType;
import java.util.Optional;

/**
 * How much a picture's squared error counts by its signal-to-noise ratio.
 *
 * @param minSnrGamma γ of min-SNR weighting (<a href="https://arxiv.org/abs/2303.09556">Hang et al. 2023</a>), 5 in the
 *     paper; empty for 1 everywhere
 */
record LossWeight(Optional<Double> minSnrGamma) {

    LossWeight {
        minSnrGamma.filter(gamma -> !(gamma > 0)).ifPresent(gamma -> {
            throw new IllegalArgumentException("min_snr_gamma is " + gamma + "; expected above 0");
        });
    }

    /** {@code min(SNR, γ)}, over SNR for ε and over SNR + 1 for v, which undoes what those targets weigh by themselves. */
    double of(double snr, PredictionType target) {
        if (minSnrGamma.isEmpty()) {
            return 1;
        }
        double least = Math.min(snr, minSnrGamma.get());
        return switch (target) {
            case EPSILON -> snr == 0 ? 1 : least / snr;
            case V_PREDICTION -> least / (snr + 1);
            case SAMPLE -> least;
        };
    }
}
