package io.latent4j.conformance;

import com.google.gson.JsonObject;

/** How far a number may be off: {@code absolute + relative · |expected|}. */
record Tolerance(double absolute, double relative) {
    static final Tolerance NONE = new Tolerance(0, 0);

    /** From the keys {@code atol}, which must be there, and {@code rtol}, which is 0 if it is not. */
    static Tolerance of(JsonObject json) {
        if (!json.has("atol")) {
            throw new IllegalStateException("a tolerance has no atol: " + json);
        }
        return new Tolerance(
                json.get("atol").getAsDouble(),
                json.has("rtol") ? json.get("rtol").getAsDouble() : 0);
    }

    double at(double expected) {
        return absolute + relative * Math.abs(expected);
    }
}
