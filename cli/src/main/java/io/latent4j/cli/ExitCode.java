package io.latent4j.cli;

/** How the process ends; {@code latent4j --help} tells the user. */
final class ExitCode {
    static final int OK = 0;
    static final int FAILED = 1;
    static final int BAD_REQUEST = 2;
    static final int INTERRUPTED = 130; // 128 + SIGINT, as shells have it

    private ExitCode() {}
}
