package io.latent4j.pipeline.request;

import java.awt.image.BufferedImage;
import java.util.Objects;

/**
 * An image that steers a run through a control network.
 *
 * @param name of a control network that is attached to the pipeline
 * @param image of the kind that the network was trained with, edges or depths for instance; scaled to the request's size
 * @param scale how strongly it steers, 0 to 10
 * @param range the part of the run's steps in which it steers. Steps that the strength of an image leaves out do not
 *     count, and those that a refiner takes do
 * @param guess whether the network is to find the subject itself: it receives the prompt's half of the batch only, and
 *     steers less at finer levels
 */
public record ControlInput(String name, BufferedImage image, double scale, DenoisingRange range, boolean guess) {
    private static final int MOST_SCALE = 10;

    public ControlInput {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(image, "image");
        Objects.requireNonNull(range, "range");
        Checks.check(scale >= 0 && scale <= MOST_SCALE, "control scale", scale, "0 to " + MOST_SCALE);
    }

    /** Steers at full strength in all steps. */
    public ControlInput(String name, BufferedImage image) {
        this(name, image, 1, DenoisingRange.ALL, false);
    }

    /** This at this strength. */
    public ControlInput withScale(double scale) {
        return new ControlInput(name, image, scale, range, guess);
    }

    /** This in a part of the steps. */
    public ControlInput withRange(double start, double end) {
        return new ControlInput(name, image, scale, new DenoisingRange(start, end), guess);
    }

    /** This with the subject left to the network. */
    public ControlInput withGuess() {
        return new ControlInput(name, image, scale, range, true);
    }

    /** Whether it steers step {@code step}, from 0, of {@code steps}. */
    public boolean steers(int step, int steps) {
        return (double) step / steps >= range.start() && (double) (step + 1) / steps <= range.end();
    }
}
