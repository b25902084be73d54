package io.latent4j.conformance;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.latent4j.core.ops.Ops;
import java.util.LinkedHashSet;
import java.util.OptionalDouble;
import java.util.Set;

/** The comparisons of one case: remembers the number that is worst in relation to its tolerance. */
final class Comparison {
    private final Set<String> notCovered = new LinkedHashSet<>();
    private String worst = "";
    private double excess = -1; // error in units of the tolerance; above 1 is a failure
    private double error;
    private double tolerance;
    private String remark = "";

    /** Compares two arrays of equal shape; leaves no array behind. */
    @SuppressWarnings("try")
    void arrays(String output, NDArray got, NDArray expected, Tolerance allowed) {
        shapes(output, got.getShape(), expected.getShape());
        try (NDScope scope = new NDScope()) {
            floats(output, floats(got), floats(expected), allowed);
        }
    }

    private static void shapes(String output, Shape got, Shape expected) {
        if (!got.equals(expected)) {
            throw new IllegalStateException(output + " has shape " + got + "; expected " + expected);
        }
    }

    static float[] floats(NDArray array) {
        return Ops.cast(array, DataType.FLOAT32).toFloatArray();
    }

    /** Compares number by number. */
    void floats(String output, float[] got, float[] expected, Tolerance allowed) {
        if (got.length != expected.length) {
            throw new IllegalStateException(output + " has " + got.length + " numbers; expected " + expected.length);
        }
        for (int i = 0; i < got.length; i++) {
            number(output, got[i], expected[i], allowed);
        }
    }

    /** Compares one number; NaN agrees with nothing. */
    void number(String output, double got, double expected, Tolerance allowed) {
        double off = got == expected ? 0 : Math.abs(got - expected);
        error(output, Double.isNaN(off) ? Double.POSITIVE_INFINITY : off, allowed.at(expected));
    }

    /** Notes an error that was computed elsewhere. */
    void error(String output, double off, double allowed) {
        double units = off == 0 ? 0 : off / allowed;
        if (units > excess) {
            excess = units;
            error = off;
            tolerance = allowed;
            worst = output;
        }
    }

    /** Notes an error only if it is too large: in whole units, one that is allowed says nothing. */
    void limit(String output, double off, double allowed) {
        if (off > allowed) {
            error(output, off, allowed);
        }
    }

    /** Says something about how the case was met. */
    void remark(String text) {
        remark = text;
    }

    /** Notes that a part of the case cannot be compared. */
    void notCovered(String reason) {
        notCovered.add(reason);
    }

    Outcome outcome(String name, String kind) {
        if (excess < 0) {
            return Outcome.without(name, kind, Status.FAIL, "nothing was compared");
        }
        return new Outcome(name, kind, status(), OptionalDouble.of(error), OptionalDouble.of(tolerance), detail());
    }

    private Status status() {
        if (excess > 1) {
            return Status.FAIL;
        }
        return notCovered.isEmpty() ? Status.PASS : Status.NOT_COVERED;
    }

    private String detail() {
        if (status() == Status.NOT_COVERED) {
            return String.join(", ", notCovered);
        }
        return remark.isEmpty() ? worst : worst + ", " + remark;
    }
}
