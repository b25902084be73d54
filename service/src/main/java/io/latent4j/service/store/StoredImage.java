package io.latent4j.service.store;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Objects;

/**
 * An image of a job, whose bytes lie in an {@link ImageFolder}.
 *
 * @param digest SHA-256 of its PNG file, 64 hexadecimal digits, by which the folder finds it
 * @param index in its job, from 0
 * @param seed its own seed, unsigned
 * @param width in pixels
 * @param height in pixels
 * @param parameters how it was made, as in the PNG's text of that name
 * @param made when it was finished, cut to the millisecond
 */
public record StoredImage(String digest, int index, long seed, int width, int height, String parameters, Instant made) {

    public StoredImage {
        if (!ImageFolder.isDigest(digest)) {
            throw new IllegalArgumentException("digest is \"" + digest + "\"; expected 64 hexadecimal digits");
        }
        Objects.requireNonNull(parameters, "parameters");
        made = made.truncatedTo(ChronoUnit.MILLIS);
    }
}
