package io.latent4j.core.weights;

import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;

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

    /** Maps {@code size} bytes of a file for reading. */
    static NativeMemory map(FileChannel channel, long position, long size) throws IOException {
        if (!HAS_ARENAS) {
            ByteBuffer bytes = channel.map(MapMode.READ_ONLY, position, size);
            return new NativeMemory(bytes, () -> clean(bytes));
        }
        try {
            Class<?> arenas = Class.forName("java.lang.foreign.Arena");
            AutoCloseable arena = (AutoCloseable) arenas.getMethod("ofConfined").invoke(null);
            Method map = FileChannel.class.getMethod("map", MapMode.class, long.class, long.class, arenas);
            return inArena(arena, map.invoke(channel, MapMode.READ_ONLY, position, size, arena));
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof IOException cause) {
                throw cause;
            }
            throw failed(e);
        } catch (ReflectiveOperationException e) {
            throw failed(e);
        }
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
            return inArena(arena, allocate.invoke(arena, (long) size, 64L));
        } catch (ReflectiveOperationException e) {
            throw failed(e);
        }
    }

    private static NativeMemory inArena(AutoCloseable arena, Object segment) throws ReflectiveOperationException {
        Method asByteBuffer = Class.forName("java.lang.foreign.MemorySegment").getMethod("asByteBuffer");
        Method close = Class.forName("java.lang.foreign.Arena").getMethod("close");
        return new NativeMemory((ByteBuffer) asByteBuffer.invoke(segment), () -> close.invoke(arena));
    }

    private static void clean(ByteBuffer bytes) throws ReflectiveOperationException {
        Class<?> unsafe = Class.forName("sun.misc.Unsafe");
        Field instance = unsafe.getDeclaredField("theUnsafe");
        instance.setAccessible(true);
        unsafe.getMethod("invokeCleaner", ByteBuffer.class).invoke(instance.get(null), bytes);
    }

    private static IllegalStateException failed(ReflectiveOperationException e) {
        return new IllegalStateException("this Java runtime cannot map files or free what it mapped", e);
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
