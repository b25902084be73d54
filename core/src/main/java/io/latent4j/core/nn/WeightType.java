package io.latent4j.core.nn;

import ai.djl.ndarray.types.DataType;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** How the numbers of weights are stored in memory. */
public enum WeightType {
    FLOAT32(DataType.FLOAT32, "fp32"),
    FLOAT16(DataType.FLOAT16, "fp16"),
    BFLOAT16(DataType.BFLOAT16, "bf16");

    private final DataType dataType;
    private final String shortName;

    WeightType(DataType dataType, String shortName) {
        this.dataType = dataType;
        this.shortName = shortName;
    }

    /** The type called {@code name}, such as {@code float16} or {@code fp16}; empty if there is none. */
    public static Optional<WeightType> named(String name) {
        String known = name.toLowerCase(Locale.ROOT);
        return Arrays.stream(values())
                .filter(type -> type.toString().equals(known) || type.shortName.equals(known))
                .findFirst();
    }

    /** The names of all types. */
    public static List<String> names() {
        return Arrays.stream(values()).map(WeightType::toString).toList();
    }

    /** The data type of the arrays. */
    public DataType dataType() {
        return dataType;
    }

    /** Bytes that one number takes. */
    public int bytes() {
        return dataType.getNumOfBytes();
    }

    /** Its name: {@code float32}, {@code float16} or {@code bfloat16}. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
