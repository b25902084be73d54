package io.latent4j.cli.doctor;

/** Keeps the engine's library off the network. */
public final class Offline {
    private static final String OFFLINE = "ai.djl.offline";
    private static final String NO_REPORTS = "OPT_OUT_TRACKING";

    private Offline() {}

    /** Says so to DJL, unless the CUDA flavour has yet to be fetched; that its use is not reported holds always. */
    public static void unlessEngineIsToBeFetched() {
        System.setProperty(NO_REPORTS, "true");
        if (System.getProperty(OFFLINE) == null && isEngineHere()) {
            System.setProperty(OFFLINE, "true");
        }
    }

    /** Whether libtorch is on this machine, and need not be fetched. */
    public static boolean isEngineHere() {
        return isEngineInside() || isEngineNamed();
    }

    /** Whether the class path holds libtorch for the CPU. */
    public static boolean isEngineInside() {
        return Offline.class.getResource("/native/lib/pytorch.properties") != null;
    }

    /** Whether the environment names a libtorch. */
    static boolean isEngineNamed() {
        return System.getenv("PYTORCH_LIBRARY_PATH") != null || System.getProperty("PYTORCH_LIBRARY_PATH") != null;
    }
}
