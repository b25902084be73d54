package io.latent4j.core.engine;

import com.sun.jna.Function;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Platform;
import java.util.Map;
import java.util.Optional;

/**
 * How long libtorch's idle threads spin before they sleep. libtorch computes by GNU OpenMP on Linux, whose threads spin for
 * as long as they take a core from others that have work: a run beside two busy programs takes ten times as long. A short
 * spin costs a run that is alone nothing.
 *
 * <p>GNU OpenMP reads {@code GOMP_SPINCOUNT} from the process's environment once, when it loads. Where {@code
 * GOMP_SPINCOUNT} or {@code OMP_WAIT_POLICY} is set, nothing is changed; neither is on other systems, which have other
 * libraries.
 */
final class EngineThreads {
    private static final String SPINS = "GOMP_SPINCOUNT";
    private static final String POLICY = "OMP_WAIT_POLICY";
    private static final String SHORT = "1000"; // turns; as fast as long spins alone, and near to none beside others

    private EngineThreads() {}

    /** Sets the process's environment, before libtorch loads; afterwards this has no effect. */
    static void set() {
        if (Platform.isLinux()) {
            spins(System.getenv()).ifPresent(EngineThreads::set);
        }
    }

    /** What to set in a process of such an environment. */
    static Optional<String> spins(Map<String, String> environment) {
        return environment.containsKey(SPINS) || environment.containsKey(POLICY)
                ? Optional.empty()
                : Optional.of(SHORT);
    }

    private static void set(String spins) {
        try {
            Function set = NativeLibrary.getProcess().getFunction("setenv");
            set.invokeInt(new Object[] {SPINS, spins, /* overwrite= */ 0});
        } catch (UnsatisfiedLinkError e) {
            return; // another C library: it stays as slow as it was
        }
    }
}
