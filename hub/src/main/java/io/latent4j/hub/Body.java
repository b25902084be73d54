package io.latent4j.hub;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * The bytes of an answer as they arrive. Waiting for them ends in time and when the thread is interrupted, which an input
 * stream of the HTTP client does not do.
 */
final class Body implements Flow.Subscriber<List<ByteBuffer>>, AutoCloseable {
    private final BlockingQueue<Event> events = new LinkedBlockingQueue<>(); // one is asked for at a time
    private Flow.Subscription subscription;
    private boolean closed;

    /** Bytes, the end (no bytes and no failure), or a failure. */
    private record Event(Optional<List<ByteBuffer>> bytes, Optional<Throwable> failure) {}

    static Body of(Flow.Publisher<List<ByteBuffer>> publisher) {
        Body body = new Body();
        publisher.subscribe(body);
        return body;
    }

    @Override
    public synchronized void onSubscribe(Flow.Subscription given) {
        subscription = given;
        if (closed) {
            given.cancel();
        } else {
            given.request(1);
        }
    }

    @Override
    public void onNext(List<ByteBuffer> bytes) {
        events.add(new Event(Optional.of(bytes), Optional.empty()));
    }

    @Override
    public void onError(Throwable failure) {
        events.add(new Event(Optional.empty(), Optional.of(failure)));
    }

    @Override
    public void onComplete() {
        events.add(new Event(Optional.empty(), Optional.empty()));
    }

    /**
     * Waits for the next bytes; empty at the end.
     *
     * @param notice after which {@code waiting} is run, once
     * @throws SocketTimeoutException if nothing arrives within {@code stall}
     * @throws IOException if the connection breaks
     */
    Optional<List<ByteBuffer>> next(Duration stall, Duration notice, Runnable waiting)
            throws IOException, InterruptedException {
        Duration first = notice.compareTo(stall) < 0 ? notice : stall;
        Event event = events.poll(first.toNanos(), TimeUnit.NANOSECONDS);
        if (event == null && first.compareTo(stall) < 0) {
            waiting.run();
            event = events.poll(stall.minus(first).toNanos(), TimeUnit.NANOSECONDS);
        }
        if (event == null) {
            throw new SocketTimeoutException("nothing arrives for " + stall.toMillis() / 1000.0 + " s");
        }
        if (event.failure().isPresent()) {
            Throwable failure = event.failure().get();
            throw new IOException(
                    Optional.ofNullable(failure.getMessage())
                            .orElse(failure.getClass().getSimpleName()),
                    failure);
        }
        if (event.bytes().isPresent()) {
            synchronized (this) {
                subscription.request(1);
            }
        }
        return event.bytes();
    }

    /** Gives the connection up if the end was not reached. */
    @Override
    public synchronized void close() {
        closed = true;
        if (subscription != null) {
            subscription.cancel();
        }
    }
}
