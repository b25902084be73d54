package io.latent4j.core.weights;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.IntBuffer;
import java.nio.ShortBuffer;
import java.nio.channels.FileChannel;

/**
 * Some consecutive elements of a tensor in memory, in a layout the engine can read in place.
 *
 * <p>Usually the mapped bytes of the file themselves. Where these lie at an odd position, or the engine does not know
 * their type, an aligned copy of them. Closing frees the memory, so it comes after the last array made on it.
 */
final class Window implements AutoCloseable {

    private final NativeMemory memory;

    private Window(NativeMemory memory) {
        this.memory = memory;
    }

    /** Opens the {@code elements} elements of {@code type} that start at {@code position}, all inside the file. */
    static Window open(FileChannel channel, StoredType type, long position, int elements) throws IOException {
        NativeMemory mapped = NativeMemory.map(channel, position, (long) elements * type.bytes());
        if (!type.isWidened() && position % type.bytes() == 0) {
            return new Window(mapped);
        }
        try (mapped) {
            return new Window(aligned(mapped.bytes().order(ByteOrder.LITTLE_ENDIAN), type, elements));
        }
    }

    /**
     * Gathers elements of a tensor whose elements do not lie side by side.
     *
     * @param mapped all bytes of the tensor, from the first element to the last
     * @param from the first element wanted, counted in row-major order
     */
    static Window gather(ByteBuffer mapped, TensorInfo info, long from, int elements) {
        StoredType type = info.type();
        NativeMemory memory = NativeMemory.allocate(elements * type.bytes());
        ByteBuffer gathered = memory.bytes().order(mapped.order());
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
            copy(mapped, (int) (position * type.bytes()), gathered, element * type.bytes(), type.bytes());
            for (int i = dimensions - 1; i >= 0; i--) { // to the next index, as an odometer counts
                position += info.strides().get(i);
                if (++index[i] < info.shape().get(i)) {
                    break;
                }
                position -= index[i] * info.strides().get(i);
                index[i] = 0;
            }
        }
        if (!type.isWidened()) {
            return new Window(memory);
        }
        try (memory) {
            return new Window(aligned(memory.bytes().order(ByteOrder.LITTLE_ENDIAN), type, elements));
        }
    }

    private static void copy(ByteBuffer from, int position, ByteBuffer to, int target, int bytes) {
        switch (bytes) {
            case 1 -> to.put(target, from.get(position));
            case 2 -> to.putShort(target, from.getShort(position));
            case 4 -> to.putInt(target, from.getInt(position));
            default -> to.putLong(target, from.getLong(position));
        }
    }

    /** The elements, from the buffer's first byte to its last. */
    ByteBuffer bytes() {
        return memory.bytes();
    }

    @Override
    public void close() {
        memory.close();
    }

    private static NativeMemory aligned(ByteBuffer mapped, StoredType type, int elements) {
        NativeMemory memory = NativeMemory.allocate(elements * type.dataType().getNumOfBytes());
        ByteBuffer copy = memory.bytes().order(ByteOrder.nativeOrder());
        switch (type) {
            case BF16 -> widenBfloat16(mapped.asShortBuffer(), copy.asIntBuffer());
            case I16 -> widenInt16(mapped.asShortBuffer(), copy.asIntBuffer());
            default -> copy.duplicate().put(mapped);
        }
        return memory;
    }

    /** A bfloat16 is the upper half of the float32 with the same value. */
    private static void widenBfloat16(ShortBuffer from, IntBuffer to) {
        for (int i = 0; i < from.limit(); i++) {
            to.put(i, from.get(i) << 16);
        }
    }

    private static void widenInt16(ShortBuffer from, IntBuffer to) {
        for (int i = 0; i < from.limit(); i++) {
            to.put(i, from.get(i));
        }
    }
}
