package io.latent4j.cli;

import com.sun.jna.Function;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Platform;
import com.sun.jna.Pointer;

/**
 * Ends the process without libtorch taking itself apart: it would give back piece by piece what it registered when it was
 * loaded, a tenth of a second's work, and the system takes back all at once.
 *
 * <p>The C library runs what was registered for the end of a process last first. Java's shutdown hooks have run by then,
 * and Java has no output that is not written.
 */
final class QuickEnd {
    private QuickEnd() {}

    /** To be called once libtorch is loaded; on other systems than Linux this has no effect. */
    static void set() {
        if (!Platform.isLinux()) {
            return;
        }
        try {
            NativeLibrary c = NativeLibrary.getProcess();
            Function end = c.getFunction("_exit"); // called with the exit code, and a pointer that it does not take
            c.getFunction("on_exit").invokeInt(new Object[] {end, Pointer.NULL});
        } catch (UnsatisfiedLinkError e) {
            return; // another C library: the end takes as long as it did
        }
    }
}
