package io.latent4j.server.api;

import java.util.Objects;
import java.util.Optional;

/**
 * What a client may want to know of a model before it asks for images.
 *
 * @param name by which clients call it
 * @param width in pixels, of an image whose size is left open
 * @param height in pixels
 * @param multiple what widths and heights must be multiples of
 * @param steps where they are left open
 * @param guidanceScale where it is left open
 * @param scheduler what the model's own sampling method is called, if it has a name
 * @param takesText whether it takes prompts, and what goes with them
 */
public record ModelFacts(
        String name,
        int width,
        int height,
        int multiple,
        int steps,
        double guidanceScale,
        Optional<String> scheduler,
        boolean takesText) {

    public ModelFacts {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(scheduler, "scheduler");
        if (width < 1 || height < 1 || multiple < 1 || steps < 1) {
            throw new IllegalArgumentException("the model " + name + " makes " + width + "x" + height
                    + " pixels in multiples of " + multiple + " and " + steps + " steps; expected 1 or more of each");
        }
    }
}
