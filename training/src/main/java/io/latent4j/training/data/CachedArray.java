package io.latent4j.training.data;

import static com.google.common.base.Preconditions.checkArgument;

import ai.djl.ndarray.types.Shape;
import io.latent4j.core.weights.StoredType;

/** An array in memory of the Java heap, to keep in an {@link ArrayCache}. */
public final class CachedArray {
    private final Shape shape;
    private final float[] values;

    /**
     * An array.
     *
     * @param values row by row, as many as the shape has; not copied
     */
    public CachedArray(Shape shape, float[] values) {
        checkArgument(
                shape.size() == values.length,
                "%s values for shape %s; expected %s",
                values.length,
                shape,
                shape.size());
        this.shape = shape;
        this.values = values;
    }

    public Shape shape() {
        return shape;
    }

    /** The numbers, row by row; not a copy. */
    public float[] values() {
        return values;
    }

    long bytes(StoredType type) {
        return (long) values.length * type.bytes();
    }

    /** This array in the precision of a type, so that it is the same before and after it was on disk. */
    CachedArray as(StoredType type) {
        float[] rounded = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            boolean fits = type == StoredType.F16 ? Half.holds(values[i]) : Float.isFinite(values[i]);
            checkArgument(fits, "value %s is %s; expected a finite number that %s can hold", i, values[i], type);
            rounded[i] = type == StoredType.F16 ? Half.value(Half.bits(values[i])) : values[i];
        }
        return new CachedArray(shape, rounded);
    }
}
