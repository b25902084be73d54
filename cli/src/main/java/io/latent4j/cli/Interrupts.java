package io.latent4j.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;

/** Lets Ctrl-C end work in order: the working thread is interrupted, and the process waits until it has cleaned up. */
public final class Interrupts {
    private static final int PATIENCE_SECONDS = 60;

    private Interrupts() {}

    /** Runs {@code work} on this thread and returns its exit code; after Ctrl-C the process ends with 130 whatever it is. */
    static int obey(IntSupplier work) {
        Thread worker = Thread.currentThread();
        CountDownLatch done = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> end(worker, done), "interrupts"));
        try {
            return work.getAsInt();
        } finally {
            done.countDown();
        }
    }

    /** Interrupts more than once, because libraries may swallow an interrupt while they load. */
    private static void end(Thread worker, CountDownLatch done) {
        try {
            for (int i = 0; i < PATIENCE_SECONDS && done.getCount() > 0; i++) {
                worker.interrupt();
                if (done.await(1, TimeUnit.SECONDS)) {
                    return;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
