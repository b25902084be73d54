package io.latent4j.core.engine;

import ai.djl.engine.Engine;
import ai.djl.engine.EngineException;
import ai.djl.util.Utils;
import com.google.common.base.Throwables;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** DJL's PyTorch engine, or one error if its native libraries are not there. */
public final class PyTorch {
    private static final String NAME = "PyTorch";
    private static final String LIBTORCH = "native/lib/pytorch.properties"; // in the jars that bring the libraries
    private static final String JNI = "jnilib/pytorch.properties";
    private static final String PLACE = "PYTORCH_LIBRARY_PATH";

    private PyTorch() {}

    /**
     * The engine; the first call loads libtorch.
     *
     * @throws EngineMissingException if it cannot be loaded
     */
    public static Engine engine() {
        return engine(
                () -> Engine.getEngine(NAME), PyTorch::isOnClassPath, Utils.getEnvOrSystemProperty(PLACE) != null);
    }

    /**
     * The engine that {@code loader} loads.
     *
     * @param onClassPath whether there is a resource of a name
     * @param placed whether the user has named the place of libtorch
     */
    static Engine engine(Supplier<Engine> loader, Predicate<String> onClassPath, boolean placed) {
        try {
            return loader.get();
        } catch (EngineException | LinkageError e) {
            List<String> missing = new ArrayList<>();
            if (!placed && !onClassPath.test(LIBTORCH)) {
                missing.add("libtorch");
            }
            if (!onClassPath.test(JNI)) {
                missing.add("DJL's JNI library");
            }
            throw missing.isEmpty() ? unloadable(e) : missing(missing, e);
        }
    }

    private static EngineMissingException missing(List<String> libraries, Throwable cause) {
        return new EngineMissingException(
                "the engine has no native libraries: " + String.join(" and ", libraries)
                        + (libraries.size() == 1 ? " is" : " are")
                        + " not on the class path, and DJL did not get them from"
                        + " the network (" + root(cause) + ")",
                "add the dependency io.latent4j:latent4j-engine, of type pom and scope runtime, or name the folder of"
                        + " an installed libtorch in " + PLACE + " (docs/gpu.md)",
                cause);
    }

    private static EngineMissingException unloadable(Throwable cause) {
        return new EngineMissingException(
                "the engine's native libraries cannot be loaded (" + root(cause) + ")",
                "expected libtorch and DJL's JNI library of one version, for " + System.getProperty("os.name") + " on "
                        + System.getProperty("os.arch") + ", as io.latent4j:latent4j-engine brings them",
                cause);
    }

    private static String root(Throwable cause) {
        return Throwables.getRootCause(cause).toString().replaceAll("\\R.*", "");
    }

    private static boolean isOnClassPath(String resource) {
        ClassLoader own = Thread.currentThread().getContextClassLoader();
        return (own == null ? PyTorch.class.getClassLoader() : own).getResource(resource) != null;
    }
}
