package io.latent4j.pipeline.request;

/** Checks of values, with one form of message. */
final class Checks {
    private Checks() {}

    /** @throws IllegalArgumentException if the condition does not hold, saying what was found and what is expected */
    static void check(boolean holds, String what, Object value, String expected) {
        if (!holds) {
            throw new IllegalArgumentException(what + " is " + value + "; expected " + expected);
        }
    }
}
