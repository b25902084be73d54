package io.latent4j.core.weights;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.IntBuffer;
import java.nio.ShortBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;

/**
 * Some consecutive elements of a tensor in memory, in a layout the engine can read in place.
 *
 * <p>Usually the mapped bytes of the file themselves. Where these lie at an odd position, or the engine does not know
 * their type, an aligned copy of them. Closing frees the memory, so it comes after the last array made on it.
 */
final class Window implements AutoCloseable {

    private final ByteBuffer bytes;

    private Window(ByteBuffer bytes) {
        this.bytes = bytes;
    }

    /** Opens the {@code elements} elements of {@code type} that start at {@code position}, all inside the file. */
    static Window open(FileChannel channel, StoredType type, long position, int elements) throws IOException {
        ByteBuffer mapped = channel.map(MapMode.READ_ONLY, position, (long) elements * type.bytes());
        if (!type.isWidened() && position % type.bytes() == 0) {
            return new Window(mapped);
        }
        try {
            return new Window(aligned(mapped.order(ByteOrder.LITTLE_ENDIAN), type, elements));
        } finally {
            NativeBuffers.free(mapped);
        }
    }

    /** The elements, from the buffer's first byte to its last. */
    ByteBuffer bytes() {
        return bytes;
    }

    @Override
    public void close() {
        NativeBuffers.free(bytes);
    }

    private static ByteBuffer aligned(ByteBuffer mapped, StoredType type, int elements) {
        int size = type.dataType().getNumOfBytes();
        ByteBuffer copy = ByteBuffer.allocateDirect(elements * size).order(ByteOrder.nativeOrder());
        switch (type) {
            case BF16 -> widenBfloat16(mapped.asShortBuffer(), copy.asIntBuffer());
            case I16 -> widenInt16(mapped.asShortBuffer(), copy.asIntBuffer());
            default -> copy.duplicate().put(mapped);
        }
        return copy;
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
