package io.latent4j.conformance;

import java.util.OptionalDouble;

/**
 * What came of one case.
 *
 * @param name of the case
 * @param kind of the case
 * @param status how it ended
 * @param error the largest error, in relation to its tolerance, of all numbers compared; empty where none was
 * @param tolerance what that number may be off by; empty where none was compared
 * @param detail the output with the largest error, or why the case failed or is not covered
 */
public record Outcome(
        String name, String kind, Status status, OptionalDouble error, OptionalDouble tolerance, String detail) {

    static Outcome without(String name, String kind, Status status, String reason) {
        return new Outcome(name, kind, status, OptionalDouble.empty(), OptionalDouble.empty(), reason);
    }
}
