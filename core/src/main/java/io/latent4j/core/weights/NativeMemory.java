package io.latent4j.core.weights;

import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.nio.ByteBuffer;

/**
 * Memory outside the heap that is given back when this is closed, instead of at some later garbage collection. Nothing may
 * touch {@link #bytes} afterwards: only {@link Window} uses this.
 *
 * <p>Java 22 has arenas for that, and Java 17, for which this is compiled, {@code sun.misc.Unsafe.invokeCleaner}, against
 * which later versions warn. Both are reached by reflection, once for each buffer and never for its contents.
 */
final class NativeMemory implements AutoCloseable {
    private static final boolean HAS_ARENAS = Runtime.version().feature() >= 22;

    private final ByteBuffer bytes;
    private final Release release;

    private interface Release {
        void run() throws ReflectiveOperationException;
    }

    private NativeMemory(ByteBuffer bytes, Release release) {
        this.bytes = bytes;
        this.release = release;
    }

    /** Allocates {@code size} bytes that start at a multiple of 64. */
    static NativeMemory allocate(int size) {
        if (!HAS_ARENAS) {
            ByteBuffer bytes = ByteBuffer.allocateDirect(size);
            return new NativeMemory(bytes, () -> clean(bytes));
        }
        try {
            Class<?> arenas = Class.forName("java.lang.foreign.Arena");
            AutoCloseable arena = (AutoCloseable) arenas.getMethod("ofConfined").invoke(null);
            Method allocate = arenas.getMethod("allocate", long.class, long.class);
            Object segment = allocate.invoke(arena, (long) size, 64L);
            Method asByteBuffer =
                    Class.forName("java.lang.foreign.MemorySegment").getMethod("asByteBuffer");
            Method close = arenas.getMethod("close");
            return new NativeMemory((ByteBuffer) asByteBuffer.invoke(segment), () -> close.invoke(arena));
        } catch (ReflectiveOperationException e) {
            throw failed(e);
        }
    }

    private static void clean(ByteBuffer bytes) throws ReflectiveOperationException {
        Class<?> unsafe = Class.forName("sun.misc.Unsafe");
        Field instance = unsafe.getDeclaredField("theUnsafe");
        instance.setAccessible(true);
        unsafe.getMethod("invokeCleaner", ByteBuffer.class).invoke(instance.get(null), bytes);
    }

    private static IllegalStateException failed(ReflectiveOperationException e) {
        return new IllegalStateException("this Java runtime cannot free the memory that it allocates", e);
    }

    /** All the bytes; good until this is closed. */
    ByteBuffer bytes() {
        return bytes;
    }

    @Override
    public void close() {
        try {
            release.run();
        } catch (ReflectiveOperationException e) {
            throw failed(e);
        }
    }
}
