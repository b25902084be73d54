package io.latent4j.pipeline.request;

import io.latent4j.pipeline.model.ControlNet;
import java.awt.image.BufferedImage;
import java.util.Objects;

/**
 * An image that steers a run through a control network.
 *
 * @param net must be open until the images are made
 * @param image of the kind that the network was trained with, edges or depths for instance; scaled to the request's size
 * @param scale how strongly it steers, 0 to 10
 * @param start the part of the run's steps that go before it sets in, 0 to 1. Those that the strength of an image
 *     leaves out do not count, and those that a refiner takes do
 * @param end the part of the same steps after which it stops, above {@code start}
 * @param guess whether the network is to find the subject itself: it sees the side of the prompt alone, and steers the
 *     less the finer the level
 */
public record ControlInput(ControlNet net, BufferedImage image, double scale, double start, double end, boolean guess) {
    private static final int MOST_SCALE = 10;

    public ControlInput {
        Objects.requireNonNull(net, "net");
        Objects.requireNonNull(image, "image");
        GenerationRequest.check(scale >= 0 && scale <= MOST_SCALE, "control scale", scale, "0 to " + MOST_SCALE);
        boolean stretches = start >= 0 && start < end && end <= 1;
        GenerationRequest.check(
                stretches,
                "the control's stretch",
                start + " to " + end,
                "a start of 0 or more, below an end of at most 1");
    }

    /** Steers at full strength in all steps. */
    public ControlInput(ControlNet net, BufferedImage image) {
        this(net, image, 1, 0, 1, false);
    }

    /** The same at this strength. */
    public ControlInput withScale(double scale) {
        return new ControlInput(net, image, scale, start, end, guess);
    }

    /** The same in these steps only, told in parts of all. */
    public ControlInput withStretch(double start, double end) {
        return new ControlInput(net, image, scale, start, end, guess);
    }

    /** The same with the subject left to the network. */
    public ControlInput withGuess() {
        return new ControlInput(net, image, scale, start, end, true);
    }

    /** Whether it steers step {@code step}, from 0, of {@code steps}. */
    public boolean steers(int step, int steps) {
        return (double) step / steps >= start && (double) (step + 1) / steps <= end;
    }
}
