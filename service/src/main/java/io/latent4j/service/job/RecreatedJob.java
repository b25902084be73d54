package io.latent4j.service.job;

import java.util.List;
import java.util.Objects;
import java.util.OptionalDouble;

/**
 * A job that was read from the parameters text of an image.
 *
 * @param job makes the image again, as far as the text says how
 * @param strength of the image that it was started from, if it was: the text does not hold that image, so {@code job} has no
 *     source
 * @param missing images that it was made with and that the text does not hold: to start from, a mask, of control networks
 * @param warnings settings that are not understood or cannot be followed, a sentence each
 */
public record RecreatedJob(JobSpec job, OptionalDouble strength, List<String> missing, List<String> warnings) {

    public RecreatedJob {
        Objects.requireNonNull(job, "job");
        Objects.requireNonNull(strength, "strength");
        missing = List.copyOf(missing);
        warnings = List.copyOf(warnings);
    }
}
