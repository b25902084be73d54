package io.latent4j.core.weights;

import ai.djl.ndarray.types.DataType;

/**
 * An element type of a safetensors file, under the file format's own name.
 *
 * <p>Limitations: the engine's bindings cannot hold arrays of BF16, of the float8 types and of I16, so these are read as
 * {@link DataType#FLOAT32} and {@link DataType#INT32}, which represent every value of theirs exactly. Float8 and I16 are
 * not written: see {@link #written}.
 */
public enum StoredType {
    F64(8, DataType.FLOAT64),
    F32(4, DataType.FLOAT32),
    F16(2, DataType.FLOAT16),
    BF16(2, DataType.FLOAT32),
    /** Float8 with four bits of exponent, without infinities ({@code float8_e4m3fn}). */
    F8_E4M3(1, DataType.FLOAT32),
    /** Float8 with five bits of exponent. */
    F8_E5M2(1, DataType.FLOAT32),
    I64(8, DataType.INT64),
    I32(4, DataType.INT32),
    I16(2, DataType.INT32),
    I8(1, DataType.INT8),
    U8(1, DataType.UINT8),
    BOOL(1, DataType.BOOLEAN);

    private final int bytes;
    private final DataType dataType;

    StoredType(int bytes, DataType dataType) {
        this.bytes = bytes;
        this.dataType = dataType;
    }

    /** Bytes one element takes in the file. */
    public int bytes() {
        return bytes;
    }

    /** The type that holds every value of this one and is written to files: F16 for float8, I32 for I16, else this. */
    public StoredType written() {
        return switch (this) {
            case F8_E4M3, F8_E5M2 -> F16;
            case I16 -> I32;
            default -> this;
        };
    }

    boolean isFloat8() {
        return this == F8_E4M3 || this == F8_E5M2;
    }

    /** The engine's type that holds every value of this one: the same one, where it has it. */
    public DataType dataType() {
        return dataType;
    }

    /** Whether this is a floating-point type. */
    public boolean isFloating() {
        return dataType.isFloating();
    }

    /** Whether the engine cannot read the stored bytes as they are, so that they are widened on the host. */
    boolean isWidened() {
        return bytes != dataType.getNumOfBytes();
    }

    /**
     * The type that stores arrays of an engine type unchanged.
     *
     * @throws IllegalArgumentException if a safetensors file cannot hold it
     */
    public static StoredType of(DataType dataType) {
        return switch (dataType) {
            case FLOAT64 -> F64;
            case FLOAT32 -> F32;
            case FLOAT16 -> F16;
            case INT64 -> I64;
            case INT32 -> I32;
            case INT8 -> I8;
            case UINT8 -> U8;
            case BOOLEAN -> BOOL;
            default ->
                throw new IllegalArgumentException(
                        "data type " + dataType + " is not supported by the engine's bindings;"
                                + " expected float64, float32, float16, int64, int32, int8, uint8 or boolean");
        };
    }
}
