package io.latent4j.conformance;

import java.util.function.Supplier;

/** Says that latent4j does not do what a case asks for. */
final class NotCovered extends RuntimeException {

    NotCovered(String reason) {
        super(reason);
    }

    /** What {@code settings} answers; settings that it refuses are not covered. */
    static <T> T ifRefused(Supplier<T> settings) {
        try {
            return settings.get();
        } catch (IllegalArgumentException e) {
            throw new NotCovered(e.getMessage());
        }
    }
}
