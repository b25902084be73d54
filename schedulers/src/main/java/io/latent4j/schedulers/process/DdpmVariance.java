package io.latent4j.schedulers.process;

import ai.djl.ndarray.NDArray;
import io.latent4j.core.ops.Ops;
import io.latent4j.schedulers.NoiseLevel;
import java.util.Optional;

/** How much noise a DDPM step adds: section 3.2 of Ho et al. 2020 and equation 15 of Nichol and Dhariwal 2021. */
public enum DdpmVariance {
    /** β̃, the variance that is best where the data is a single point. */
    FIXED_SMALL,
    /** β, the variance that is best where the data is N(0, 1). */
    FIXED_LARGE,
    /** The network tells the variance. */
    LEARNED,
    /** The network tells a place from −1 to 1 between the logarithms of β̃ and β. */
    LEARNED_RANGE;

    static final double LEAST = 1e-20;

    /**
     * The standard deviation of the noise of a step from {@code from} to {@code to}, a single number or (N, C, H, W).
     *
     * @param like tells where the result lives
     * @param predicted what the network says
     * @throws IllegalArgumentException if the network says nothing and it is its to say
     */
    public NDArray std(NoiseLevel from, NoiseLevel to, Optional<NDArray> predicted, NDArray like) {
        double ratio = from.alpha() / to.alpha();
        double large = 1 - ratio * ratio; // β
        double share = to.sigma() / from.sigma();
        double small = Math.max(share * share * large, LEAST); // β̃, equation 7 of Ho et al.
        return switch (this) {
            case FIXED_SMALL -> like.getManager().create((float) Math.sqrt(small));
            case FIXED_LARGE -> like.getManager().create((float) Math.sqrt(large));
            case LEARNED -> told(predicted).maximum(LEAST).sqrt();
            case LEARNED_RANGE -> {
                NDArray place = Ops.div(told(predicted).add(1), 2);
                double range = Math.log(large) - Math.log(small);
                yield Ops.div(Ops.mul(place, range).add(Math.log(small)), 2).exp();
            }
        };
    }

    /** What the network says of its variance. */
    static NDArray told(Optional<NDArray> predicted) {
        return predicted.orElseThrow(
                () -> new IllegalArgumentException("the network tells no variance; expected twice as"
                        + " many channels as the latents have, or a variance_type of fixed_small or fixed_large"));
    }
}
