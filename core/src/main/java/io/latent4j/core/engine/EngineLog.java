package io.latent4j.core.engine;

import com.sun.jna.Function;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Platform;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What libtorch itself writes to the standard error stream: errors, and not the warnings about the processor that nobody
 * can act on, such as ten lines of "Could not initialize NNPACK! Reason: Unsupported hardware" for each image on a virtual
 * machine that hides its caches. {@code TORCH_CPP_LOG_LEVEL} (INFO, WARNING, ERROR, FATAL) in the environment sets another
 * level, as it does for PyTorch.
 *
 * <p>libtorch reads the variable when it is asked to, which PyTorch's Python side does and DJL does not.
 */
final class EngineLog {
    private static final String LEVEL = "TORCH_CPP_LOG_LEVEL";
    private static final String READ_LEVEL = "_ZN3c1011initLoggingEv"; // c10::initLogging()

    private EngineLog() {}

    /** Sets the level, once libtorch is loaded; on other systems than Linux this has no effect. */
    static void set() {
        if (!Platform.isLinux()) {
            return;
        }
        try {
            Function set = NativeLibrary.getProcess().getFunction("setenv");
            set.invokeInt(new Object[] {LEVEL, "ERROR", /* overwrite= */ 0});
            loaded().ifPresent(library -> NativeLibrary.getInstance(library.toString())
                    .getFunction(READ_LEVEL)
                    .invokeVoid(new Object[0]));
        } catch (UnsatisfiedLinkError e) {
            return; // another build of libtorch: it goes on writing its warnings
        }
    }

    /** The file from which this process has libtorch's base library. */
    static Optional<Path> loaded() {
        try (Stream<String> maps = Files.lines(Path.of("/proc/self/maps"))) {
            return maps.filter(line -> line.endsWith("/libc10.so"))
                    .map(line -> Path.of(line.substring(line.indexOf('/'))))
                    .findFirst();
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
