package io.latent4j.training.optimizer;

import com.google.gson.JsonObject;
import io.latent4j.core.config.Bounds;
import io.latent4j.core.config.Config;

/**
 * What a loss is multiplied with, so that float16 holds its gradients: halved when they overflow, doubled when they have not
 * for a while (<a href="https://arxiv.org/abs/1710.03740">Micikevicius et al. 2018</a>, section 3.2).
 *
 * @param factor a power of two
 * @param good steps since it changed
 */
public record LossScale(double factor, int good) {
    /** To begin with. */
    public static final LossScale FIRST = new LossScale(1 << 16, 0);

    private static final int PATIENCE = 2000; // good steps until it is doubled
    private static final double MOST = 1 << 24;
    private static final String FACTOR = "loss_scale";
    private static final String GOOD = "loss_scale_good_steps";

    /** After a step whose gradients were finite. */
    public LossScale kept() {
        return good + 1 < PATIENCE ? new LossScale(factor, good + 1) : new LossScale(Math.min(MOST, 2 * factor), 0);
    }

    /** After a step whose gradients were not, and which was left out. */
    public LossScale overflowed() {
        return new LossScale(factor / 2, 0);
    }

    /** Whether gradients overflow although the loss is hardly scaled, so that it is no use to halve it again. */
    public boolean isExhausted() {
        return factor <= 1;
    }

    /** Adds this to a checkpoint's state. */
    public void write(JsonObject state) {
        state.addProperty(FACTOR, factor);
        state.addProperty(GOOD, good);
    }

    /**
     * What {@link #write} added; {@link #FIRST} where it did not.
     *
     * @throws IllegalArgumentException if it is damaged
     */
    public static LossScale read(Config state) {
        return new LossScale(
                state.real(FACTOR, Bounds.positive(MOST), FIRST.factor),
                state.integer(GOOD, Bounds.of(0, PATIENCE), FIRST.good));
    }
}
