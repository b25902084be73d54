package io.latent4j.core.nn;

import static com.google.common.base.Preconditions.checkArgument;

import ai.djl.ndarray.types.DataType;

/**
 * In which numbers a model is stored, and in which it computes. A layer whose weight is stored in another type than it
 * computes in converts it where it is used and frees the converted one, so that one layer's is in memory at a time.
 *
 * <p>{@code weights} is for what is large: the matrices of linear layers, the kernels of convolutions, and embeddings. Biases
 * and the parameters of norms, some thousandth of a model, are in {@code compute}.
 *
 * @param weights how weights are stored
 * @param compute the type of activations: float32, float16 or bfloat16
 */
public record Precision(WeightType weights, DataType compute) {
    public static final Precision FLOAT32 = of(DataType.FLOAT32);
    public static final Precision FLOAT16 = of(DataType.FLOAT16);
    public static final Precision BFLOAT16 = of(DataType.BFLOAT16);

    /** @throws IllegalArgumentException for a type that nothing computes in, and for two different types of 16 bits */
    public Precision {
        WeightType same = stored(compute);
        checkArgument(
                weights == same || weights == WeightType.FLOAT32 || compute == DataType.FLOAT32,
                "weights are %s and computed with in %s, which loses digits or range and saves no memory; expected the"
                        + " same type for both, or float32 for one of them",
                weights,
                same);
    }

    /** The same type for both. */
    public static Precision of(DataType type) {
        return new Precision(stored(type), type);
    }

    private static WeightType stored(DataType compute) {
        return switch (compute) {
            case FLOAT32 -> WeightType.FLOAT32;
            case FLOAT16 -> WeightType.FLOAT16;
            case BFLOAT16 -> WeightType.BFLOAT16;
            default ->
                throw new IllegalArgumentException(
                        "data type to compute in is " + compute + "; expected float32, float16 or bfloat16");
        };
    }

    /**
     * Reads what {@link #toString} writes, {@code float32} or {@code float16/float32}.
     *
     * @throws IllegalArgumentException if a name is not known, or the two do not go together
     */
    public static Precision parse(String text) {
        int slash = text.indexOf('/');
        WeightType weights = type(slash < 0 ? text : text.substring(0, slash), text);
        WeightType compute = type(text.substring(slash + 1), text);
        return new Precision(weights, compute.dataType());
    }

    private static WeightType type(String name, String text) {
        return WeightType.named(name)
                .orElseThrow(() -> new IllegalArgumentException("precision is \"" + text
                        + "\"; expected one of " + String.join(", ", WeightType.names())
                        + ", or two as weights/compute, such as float16/float32"));
    }

    /** Whether weights are stored in the type that is computed in. */
    public boolean isUniform() {
        return weights.dataType() == compute;
    }

    /** How a layer gets at a weight that is stored so. */
    WeightForm form() {
        return isUniform() ? new Dense() : new Converted(compute);
    }

    /** One type where both are the same, else {@code weights/compute}: {@code float16/float32}. */
    @Override
    public String toString() {
        return isUniform() ? weights.toString() : weights + "/" + compute.toString();
    }
}
