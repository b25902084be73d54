package io.latent4j.cli;

import io.latent4j.cli.doctor.Offline;
import io.latent4j.core.engine.EngineMissingException;
import io.latent4j.core.engine.PyTorch;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * Loads the engine beside what else is to be done before a command begins: loading libtorch takes longer than that, and
 * on another core it costs no time.
 */
final class EngineStart {
    /** The commands that load the engine whenever they are used right. */
    private static final Set<String> COMMANDS = Set.of("generate", "compare", "train", "evaluate", "bench", "serve");

    private static final Set<String> HELP = Set.of("-h", "--help", "-V", "--version");

    private static final String SEARCHED = "jna.platform.library.path";

    private EngineStart() {}

    /**
     * What {@code work} returns, with the engine loaded on this thread meanwhile if {@code args} will need it. An engine that
     * has yet to be downloaded, or that cannot be loaded, is left for the command, which says what is wrong.
     *
     * @param sample a small piece of the same kind of work, which is done before. While the system's loader is at work on
     *     libtorch, whoever calls one of Java's native methods for the first time waits for its end
     */
    static <T> T beside(Runnable sample, Supplier<T> work, String... args) {
        if (!isNeeded(args) || !Offline.isEngineHere()) {
            return work.get();
        }
        Logging.start(Arrays.asList(args).contains("--verbose"));
        if (Offline.isEngineInside() && System.getProperty(SEARCHED) == null) {
            System.setProperty(
                    SEARCHED, ""); // or JNA starts a process to ask where libraries are; none is searched for
        }
        sample.run();
        CompletableFuture<T> result =
                CompletableFuture.supplyAsync(work, task -> new Thread(task, "command line").start());
        try {
            PyTorch.engine();
            QuickEnd.set();
        } catch (EngineMissingException e) {
            return result.join();
        }
        return result.join();
    }

    /** Whether {@code args} are of a command that loads the engine, and do not only ask for help. */
    static boolean isNeeded(String... args) {
        return args.length > 0
                && COMMANDS.contains(args[0])
                && Arrays.stream(args).noneMatch(HELP::contains);
    }
}
