package io.latent4j.core.memory;

import com.sun.jna.Function;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Platform;

/** The C library's heap, from which libtorch takes the memory of arrays on the CPU. */
public final class NativeHeap {
    private NativeHeap() {}

    /**
     * Gives freed memory back to the operating system, where the C library is glibc; elsewhere nothing happens. glibc
     * keeps what it frees below 32 MB, which for a UNet's activations adds up to some 300 MB. Takes milliseconds: call it
     * between the phases of a run, not within them.
     */
    public static void trim() {
        if (!Platform.isLinux()) {
            return;
        }
        try {
            Function trim = NativeLibrary.getInstance("c").getFunction("malloc_trim");
            trim.invokeInt(new Object[] {0});
        } catch (UnsatisfiedLinkError e) {
            return; // another C library, musl for one, which has no such function
        }
    }
}
