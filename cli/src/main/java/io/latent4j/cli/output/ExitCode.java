package io.latent4j.cli.output;

/** How the process ends; {@code latent4j --help} tells the user. */
public final class ExitCode {
    public static final int OK = 0;
    public static final int FAILED = 1;
    public static final int BAD_REQUEST = 2;
    public static final int INTERRUPTED = 130; // 128 + SIGINT, as shells have it

    private ExitCode() {}
}
