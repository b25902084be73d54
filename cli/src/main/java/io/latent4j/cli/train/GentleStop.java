package io.latent4j.cli.train;

import com.google.common.base.Throwables;
import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * Lets Ctrl-C and a request to terminate end work at a place that the work chooses: the work receives them, and the process
 * waits for as long as it takes. The work has a thread of its own, which nobody interrupts, since an interrupt would break
 * what it writes.
 */
final class GentleStop {
    private GentleStop() {}

    /**
     * Runs {@code work} and gives its exit code.
     *
     * @param stop is called when the user wants an end, on another thread and maybe more than once
     * @throws IOException and whatever else {@code work} throws
     */
    static int run(Runnable stop, Callable<Integer> work) throws IOException {
        FutureTask<Integer> task = new FutureTask<>(work);
        Thread worker = new Thread(task, "training");
        Thread hook = new Thread(() -> end(stop, worker), "gentle-stop");
        Runtime.getRuntime().addShutdownHook(hook);
        try {
            worker.start();
            return await(stop, task);
        } finally {
            forget(hook);
        }
    }

    private static int await(Runnable stop, FutureTask<Integer> task) throws IOException {
        while (true) {
            try {
                return task.get();
            } catch (InterruptedException e) { // see Interrupts
                stop.run();
            } catch (ExecutionException e) {
                Throwables.throwIfInstanceOf(e.getCause(), IOException.class);
                Throwables.throwIfUnchecked(e.getCause());
                throw new IllegalStateException(e.getCause());
            }
        }
    }

    private static void end(Runnable stop, Thread worker) {
        stop.run();
        try {
            worker.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void forget(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // the process is ending, and the hook waits for the work only
        }
    }
}
