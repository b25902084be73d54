package io.latent4j.core.weights;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Field;
import java.nio.ByteBuffer;

/**
 * Gives the memory of a mapped or direct buffer back at once instead of at some later garbage collection.
 *
 * <p>Java 17 has no public way to unmap, so this calls {@code sun.misc.Unsafe.invokeCleaner}, the one exported for that
 * purpose. Any use of the buffer afterwards would crash the process: only {@link Window} calls this.
 */
final class NativeBuffers {

    private static final MethodHandle INVOKE_CLEANER = invokeCleaner();

    private NativeBuffers() {}

    /** Frees {@code buffer}, which is no slice or duplicate and which nothing touches afterwards. */
    static void free(ByteBuffer buffer) {
        try {
            INVOKE_CLEANER.invokeExact(buffer);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException("cannot free a direct buffer", e);
        }
    }

    private static MethodHandle invokeCleaner() {
        try {
            Class<?> unsafe = Class.forName("sun.misc.Unsafe");
            Field instance = unsafe.getDeclaredField("theUnsafe");
            instance.setAccessible(true);
            return MethodHandles.lookup()
                    .findVirtual(unsafe, "invokeCleaner", MethodType.methodType(void.class, ByteBuffer.class))
                    .bindTo(instance.get(null));
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("this Java runtime lacks the module jdk.unsupported", e);
        }
    }
}
