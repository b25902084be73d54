package io.latent4j.transformer.layers;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.latent4j.core.ops.Ops;
import java.util.Arrays;

/** Where tokens stand, on several axes each. Immutable. */
public final class Positions {
    private final int axes;
    private final float[] numbers; // (tokens, axes)

    private Positions(int axes, float[] numbers) {
        this.axes = axes;
        this.numbers = numbers;
    }

    /** Reads an array, (tokens, axes), of any type. */
    public static Positions of(NDArray ids) {
        Shape shape = ids.getShape();
        if (shape.dimension() != 2) {
            throw new IllegalArgumentException("positions are " + shape + "; expected (tokens, axes)");
        }
        try (NDArray floats = Ops.cast(ids, DataType.FLOAT32)) {
            return new Positions(Math.toIntExact(shape.get(1)), floats.toFloatArray());
        }
    }

    /** Tokens that all stand at 0. */
    public static Positions zeros(int axes, long tokens) {
        return new Positions(axes, new float[Math.toIntExact(tokens * axes)]);
    }

    /** Tokens in a line along one axis, from {@code first} on, and at 0 on the others. */
    public static Positions line(int axes, int axis, long first, long tokens) {
        Positions line = zeros(axes, tokens);
        for (int i = 0; i < tokens; i++) {
            line.numbers[i * axes + axis] = first + i;
        }
        return line;
    }

    /** Patches of an image row by row: its time is on the first axis, the row on the second, the column on the third. */
    public static Positions grid(int axes, long time, long height, long width) {
        Positions grid = zeros(axes, height * width);
        int at = 0;
        for (int row = 0; row < height; row++) {
            for (int column = 0; column < width; column++) {
                grid.numbers[at] = time;
                grid.numbers[at + 1] = row;
                grid.numbers[at + 2] = column;
                at += axes;
            }
        }
        return grid;
    }

    /** These and then {@code more}, on as many axes. */
    public Positions and(Positions more) {
        if (more.axes != axes) {
            throw new IllegalArgumentException(
                    "positions have " + axes + " and " + more.axes + " axes; expected the same number");
        }
        float[] all = Arrays.copyOf(numbers, numbers.length + more.numbers.length);
        System.arraycopy(more.numbers, 0, all, numbers.length, more.numbers.length);
        return new Positions(axes, all);
    }

    /**
     * Checks that there are as many as tokens.
     *
     * @param what the tokens are called
     * @throws IllegalArgumentException if there are not
     */
    public void require(long tokens, String what) {
        if (tokens() != tokens) {
            throw new IllegalArgumentException(
                    "there are " + tokens + " " + what + " and " + tokens() + " positions for them; expected one each");
        }
    }

    /** How many axes there are. */
    public int axes() {
        return axes;
    }

    /** How many tokens there are. */
    public int tokens() {
        return numbers.length / axes;
    }

    /** Where a token stands on an axis. */
    public float at(int token, int axis) {
        return numbers[token * axes + axis];
    }
}
