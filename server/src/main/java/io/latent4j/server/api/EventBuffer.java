package io.latent4j.server.api;

import io.latent4j.service.queue.JobEvent;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * A job's events between the worker, which must not wait, and a client that may be slow. A step or preview that comes while the
 * last one waits takes its place; nothing else is lost.
 */
public final class EventBuffer implements Consumer<JobEvent> {
    private final Deque<JobEvent> events = new ArrayDeque<>();

    @Override
    public synchronized void accept(JobEvent event) {
        if (event instanceof JobEvent.Step || event instanceof JobEvent.Preview) {
            events.removeIf(waiting -> waiting.getClass() == event.getClass() && isSameImage(waiting, event));
        }
        events.add(event);
        notifyAll();
    }

    private static boolean isSameImage(JobEvent waiting, JobEvent event) {
        return !(waiting instanceof JobEvent.Preview old && event instanceof JobEvent.Preview now)
                || old.image() == now.image();
    }

    /** The next event, or empty after {@code milliseconds} without any. */
    public synchronized Optional<JobEvent> next(long milliseconds) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(milliseconds);
        while (events.isEmpty() && System.nanoTime() < end) {
            wait(Math.max(1, TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime())));
        }
        return Optional.ofNullable(events.poll());
    }
}
