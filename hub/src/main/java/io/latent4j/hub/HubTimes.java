package io.latent4j.hub;

import java.time.Duration;

/**
 * How long the hub may take.
 *
 * @param connect for a connection
 * @param answer for an answer to begin
 * @param quickAnswer the same, where the cache has an answer too
 * @param notice after which a pause in a download is noted
 * @param stall after which a download that pauses is given up
 * @param listing for a whole listing
 * @param grace in which a download may be slower than {@code slowest}
 * @param slowest bytes a second that a download must reach on average
 */
record HubTimes(
        Duration connect,
        Duration answer,
        Duration quickAnswer,
        Duration notice,
        Duration stall,
        Duration listing,
        Duration grace,
        long slowest) {

    static final HubTimes NORMAL = new HubTimes(
            Duration.ofSeconds(10),
            Duration.ofSeconds(60),
            Duration.ofSeconds(10),
            Duration.ofSeconds(10),
            Duration.ofSeconds(30),
            Duration.ofSeconds(60),
            Duration.ofMinutes(5),
            4096);

    /** Whether a download that brought {@code bytes} in this time is too slow. */
    boolean isTooSlow(long bytes, Duration elapsed) {
        Duration beyond = elapsed.minus(grace);
        return !beyond.isNegative() && bytes < beyond.toMillis() * slowest / 1000.0;
    }
}
