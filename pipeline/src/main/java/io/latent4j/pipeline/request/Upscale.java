package io.latent4j.pipeline.request;

import java.util.Objects;
import java.util.OptionalInt;

/**
 * A second run at a larger size, which starts from what the first one made: a model draws best at the size it was trained
 * at, and adds detail well beyond.
 *
 * @param factor by which width and height grow, above 1 and up to 8; the result is rounded to what the model can do
 * @param strength the part of the second run's steps that is taken, above 0 and up to 1: how much it may change
 * @param steps of the second run, of which the strength takes a part; as many as the first run's if empty
 * @param by what is made larger
 */
public record Upscale(double factor, double strength, OptionalInt steps, Upscaler by) {
    private static final int MOST = 8;
    private static final double STRENGTH = 0.5;

    public Upscale {
        Objects.requireNonNull(by, "by");
        Checks.check(factor > 1 && factor <= MOST, "the upscale factor", factor, "above 1, and at most " + MOST);
        Checks.check(strength > 0 && strength <= 1, "upscale strength", strength, "above 0, and at most 1");
        steps.ifPresent(s -> Checks.check(s > 0, "upscale steps", s, "1 or more"));
    }

    /** Makes the image itself larger, by half the steps of the first run. */
    public Upscale(double factor) {
        this(factor, STRENGTH, OptionalInt.empty(), Upscaler.PIXELS);
    }

    /** The same by this factor. */
    public Upscale withFactor(double factor) {
        return new Upscale(factor, strength, steps, by);
    }

    /** The same at this strength. */
    public Upscale withStrength(double strength) {
        return new Upscale(factor, strength, steps, by);
    }

    /** The same with a part of this many steps. */
    public Upscale withSteps(int steps) {
        return new Upscale(factor, strength, OptionalInt.of(steps), by);
    }

    /** The same by other means. */
    public Upscale by(Upscaler by) {
        return new Upscale(factor, strength, steps, by);
    }
}
