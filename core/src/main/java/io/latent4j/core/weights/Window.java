package io.latent4j.core.weights;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.IntBuffer;
import java.nio.ShortBuffer;

/**
 * Memory for some consecutive elements of a tensor, in a layout the engine can read in place: filled again and again
 * while the tensor is read.
 *
 * <p>The bytes are read from the file, never mapped: where a file is cut short, a read is an exception, and a mapping is a
 * signal that ends the process. Elements of types that the engine does not have are widened. Closing frees the memory,
 * so it comes after the last array made on it.
 */
final class Window implements AutoCloseable {
    private final StoredType type;
    private final NativeMemory stored;
    private final NativeMemory widened; // the same memory where nothing is widened

    private Window(StoredType type, NativeMemory stored, NativeMemory widened) {
        this.type = type;
        this.stored = stored;
        this.widened = widened;
    }

    /** Allocates memory for up to {@code elements} elements. */
    static Window allocate(StoredType type, int elements) {
        NativeMemory stored = NativeMemory.allocate(Math.multiplyExact(elements, type.bytes()));
        if (!type.isWidened()) {
            return new Window(type, stored, stored);
        }
        try {
            return new Window(
                    type,
                    stored,
                    NativeMemory.allocate(
                            Math.multiplyExact(elements, type.dataType().getNumOfBytes())));
        } catch (RuntimeException | Error e) {
            stored.close();
            throw e;
        }
    }

    /** Reads {@code elements} elements that start at {@code position} and returns them as the engine reads them. */
    ByteBuffer read(FileBytes file, long position, int elements) throws IOException {
        ByteBuffer bytes = stored.bytes().duplicate().clear().limit(elements * type.bytes());
        file.read(position, bytes);
        return widened(elements);
    }

    /**
     * Gathers elements of a tensor whose elements do not lie side by side and returns them as the engine reads them.
     *
     * @param all all bytes of the tensor, from the first element to the last
     * @param from the first element wanted, counted in row-major order
     */
    ByteBuffer gather(ByteBuffer all, TensorInfo info, long from, int elements) {
        ByteBuffer source = all.duplicate().order(ByteOrder.nativeOrder());
        ByteBuffer gathered = stored.bytes().duplicate().clear().order(ByteOrder.nativeOrder());
        int dimensions = info.shape().dimension();
        long[] index = new long[dimensions];
        long rest = from;
        long position = 0;
        for (int i = dimensions - 1; i >= 0; i--) {
            index[i] = rest % info.shape().get(i);
            rest /= info.shape().get(i);
            position += index[i] * info.strides().get(i);
        }
        for (int element = 0; element < elements; element++) {
            copy(source, (int) (position * type.bytes()), gathered, element * type.bytes(), type.bytes());
            for (int i = dimensions - 1; i >= 0; i--) { // to the next index, as an odometer counts
                position += info.strides().get(i);
                if (++index[i] < info.shape().get(i)) {
                    break;
                }
                position -= index[i] * info.strides().get(i);
                index[i] = 0;
            }
        }
        return widened(elements);
    }

    private static void copy(ByteBuffer from, int position, ByteBuffer to, int target, int bytes) {
        switch (bytes) {
            case 1 -> to.put(target, from.get(position));
            case 2 -> to.putShort(target, from.getShort(position));
            case 4 -> to.putInt(target, from.getInt(position));
            default -> to.putLong(target, from.getLong(position));
        }
    }

    private ByteBuffer widened(int elements) {
        ByteBuffer from = stored.bytes().duplicate().clear().order(ByteOrder.LITTLE_ENDIAN);
        ByteBuffer to = widened.bytes().duplicate().clear().order(ByteOrder.nativeOrder());
        switch (type) {
            case BF16 -> widenBfloat16(from.asShortBuffer(), to.asIntBuffer(), elements);
            case I16 -> widenInt16(from.asShortBuffer(), to.asIntBuffer(), elements);
            case F8_E4M3 -> widenFloat8(Float8.E4M3, from, to, elements);
            case F8_E5M2 -> widenFloat8(Float8.E5M2, from, to, elements);
            default -> {
                // as they are stored
            }
        }
        return to.limit(elements * type.dataType().getNumOfBytes()).slice();
    }

    /** A bfloat16 is the upper half of the float32 with the same value. */
    private static void widenBfloat16(ShortBuffer from, IntBuffer to, int elements) {
        for (int i = 0; i < elements; i++) {
            to.put(i, from.get(i) << 16);
        }
    }

    private static void widenInt16(ShortBuffer from, IntBuffer to, int elements) {
        for (int i = 0; i < elements; i++) {
            to.put(i, from.get(i));
        }
    }

    private static void widenFloat8(Float8 kind, ByteBuffer from, ByteBuffer to, int elements) {
        for (int i = 0; i < elements; i++) {
            to.putFloat(i * Float.BYTES, kind.value(from.get(i)));
        }
    }

    @Override
    public void close() {
        stored.close();
        if (widened != stored) {
            widened.close();
        }
    }
}
