package io.latent4j.cli;

/** What of the libraries' logs is shown, on standard error. */
final class Logging {
    private static final String LEVEL = "org.slf4j.simpleLogger.defaultLogLevel";

    private Logging() {}

    /** Sets the level; to be called before the first logger is made. A level given as system property stays. */
    static void start(boolean verbose) {
        if (System.getProperty(LEVEL) == null) {
            System.setProperty(LEVEL, verbose ? "info" : "off");
        }
    }
}
