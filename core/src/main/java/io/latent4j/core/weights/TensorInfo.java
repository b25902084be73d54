package io.latent4j.core.weights;

import static com.google.common.base.Preconditions.checkArgument;

import ai.djl.ndarray.types.Shape;
import com.google.common.primitives.ImmutableLongArray;
import io.latent4j.core.config.Counted;
import java.util.Arrays;

/**
 * Where a tensor lies in its file.
 *
 * @param type the element type in the file
 * @param shape the tensor's shape; empty for a scalar
 * @param strides elements from one index to the next in each dimension; those of a row-major array in safetensors, any
 *     in a PyTorch archive and in the views made below
 * @param begin position in the file of the first byte
 * @param end position in the file after the last byte that belongs to the tensor
 */
public record TensorInfo(StoredType type, Shape shape, ImmutableLongArray strides, long begin, long end) {

    /** A tensor whose elements lie side by side in row-major order. */
    public TensorInfo(StoredType type, Shape shape, long begin, long end) {
        this(type, shape, rowMajor(shape), begin, end);
    }

    /** A tensor of any strides, none of them negative, that begins at {@code begin}. */
    static TensorInfo strided(StoredType type, Shape shape, ImmutableLongArray strides, long begin) {
        long last = 0;
        for (int i = 0; i < shape.dimension(); i++) {
            if (shape.get(i) == 0) {
                return new TensorInfo(type, shape, strides, begin, begin);
            }
            last += (shape.get(i) - 1) * strides.get(i);
        }
        return new TensorInfo(type, shape, strides, begin, begin + (last + 1) * type.bytes());
    }

    private static ImmutableLongArray rowMajor(Shape shape) {
        long[] strides = new long[shape.dimension()];
        long step = 1;
        for (int i = strides.length - 1; i >= 0; i--) {
            strides[i] = step;
            step *= Math.max(shape.get(i), 1);
        }
        return ImmutableLongArray.copyOf(strides);
    }

    /** Bytes of the tensor's elements. */
    public long bytes() {
        return elements() * type.bytes();
    }

    /** Number of elements. */
    public long elements() {
        return Arrays.stream(shape.getShape()).reduce(1, (a, b) -> a * b);
    }

    /** The indices {@code from} to {@code to} (exclusive) of the first dimension: a view of the same bytes. */
    public TensorInfo rows(long from, long to) {
        checkArgument(
                shape.dimension() > 0 && 0 <= from && from <= to && to <= shape.get(0),
                "rows %s to %s of %s; expected rows it has",
                from,
                to,
                shape);
        long[] sizes = shape.getShape().clone();
        sizes[0] = to - from;
        return strided(type, new Shape(sizes), strides, begin + from * strides.get(0) * type.bytes());
    }

    /** The matrix with rows and columns exchanged: a view of the same bytes. */
    public TensorInfo transposed() {
        checkArgument(shape.dimension() == 2, "the shape is %s; expected a matrix", shape);
        ImmutableLongArray exchanged = ImmutableLongArray.of(strides.get(1), strides.get(0));
        return new TensorInfo(type, new Shape(shape.get(1), shape.get(0)), exchanged, begin, end);
    }

    /** The same elements with dimensions of 1 dropped or added at the end, so that there are {@code dimensions}. */
    public TensorInfo withDimensions(int dimensions) {
        long[] sizes = Arrays.copyOf(shape.getShape(), dimensions);
        long[] steps = Arrays.copyOf(strides.toArray(), dimensions);
        for (int i = shape.dimension(); i < dimensions; i++) {
            sizes[i] = 1;
            steps[i] = 1;
        }
        for (int i = dimensions; i < shape.dimension(); i++) {
            checkArgument(
                    shape.get(i) == 1, "the shape is %s; expected %s", shape, Counted.of(dimensions, "dimension"));
        }
        return new TensorInfo(type, new Shape(sizes), ImmutableLongArray.copyOf(steps), begin, end);
    }

    /** Whether the elements lie side by side in row-major order. */
    boolean isRowMajor() {
        long step = 1;
        for (int i = shape.dimension() - 1; i >= 0; i--) {
            if (shape.get(i) != 1 && strides.get(i) != step) {
                return elements() == 0;
            }
            step *= shape.get(i);
        }
        return true;
    }
}
