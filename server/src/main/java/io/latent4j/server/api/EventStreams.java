package io.latent4j.server.api;

import com.google.common.collect.ConcurrentHashMultiset;
import io.javalin.http.Context;
import io.latent4j.service.queue.JobEvent;
import io.latent4j.service.queue.JobQueue;
import io.latent4j.service.queue.Subscription;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Answers that last as long as a job and tell its events: server-sent events, or lines of JSON. */
public final class EventStreams implements AutoCloseable {
    private static final int MOST = 200;
    private static final int MOST_OF_CLIENT = 50;
    private static final long SILENCE = 10_000; // milliseconds, after which a comment shows that the server lives

    private final JobQueue queue;
    private final ExecutorService threads;
    private final ConcurrentHashMultiset<String> clients = ConcurrentHashMultiset.create();

    /** @param queue stays the caller's to close */
    public EventStreams(JobQueue queue) {
        this.queue = queue;
        this.threads = new ThreadPoolExecutor(0, MOST, 1, TimeUnit.MINUTES, new SynchronousQueue<>(), task -> {
            Thread thread = new Thread(task, "latent4j-events");
            thread.setDaemon(true);
            return thread;
        });
    }

    /** Writes events to a client in some form. */
    @FunctionalInterface
    public interface Form {
        /** What to send for this event, in UTF-8; nothing if empty. */
        Optional<String> of(JobEvent event);
    }

    /**
     * Answers with a job's events until its end.
     *
     * @param type of the content
     * @param idle what to send when nothing has happened for long, so that connections stay
     */
    public void stream(Context context, String id, String type, String idle, Form form) {
        stream(context, id, type, idle, form, () -> {});
    }

    /** Answers with the events of a job that is wanted by this client alone: when the client goes, it is cancelled. */
    public void streamOnly(Context context, String id, String type, String idle, Form form) {
        stream(context, id, type, idle, form, () -> queue.cancel(id));
    }

    private void stream(Context context, String id, String type, String idle, Form form, Runnable gone) {
        String client = Client.of(context);
        if (clients.add(client, 1) >= MOST_OF_CLIENT) {
            clients.remove(client);
            gone.run();
            throw new ApiException(
                    429,
                    "too_many_streams",
                    "this client listens to " + MOST_OF_CLIENT
                            + " streams of events already; expected fewer: close one");
        }
        Runnable end = () -> clients.remove(client);
        try {
            begin(context, id, type, idle, form, gone, end);
        } catch (RuntimeException e) {
            end.run();
            throw e;
        }
    }

    private void begin(Context context, String id, String type, String idle, Form form, Runnable gone, Runnable end) {
        context.contentType(type);
        context.header("Cache-Control", "no-store");
        context.header("X-Accel-Buffering", "no");
        EventBuffer buffer = new EventBuffer();
        Subscription subscription = queue.subscribe(id, buffer);
        context.disableCompression();
        context.future(() -> {
            CompletableFuture<Void> done = new CompletableFuture<>();
            try {
                threads.execute(() -> {
                    try (subscription) {
                        write(context.res().getOutputStream(), buffer, subscription, idle, form);
                        done.complete(null);
                    } catch (IOException e) {
                        gone.run();
                        done.complete(null);
                    } catch (InterruptedException | RuntimeException e) {
                        done.completeExceptionally(e);
                    } finally {
                        end.run();
                    }
                });
            } catch (RejectedExecutionException e) {
                subscription.close();
                gone.run();
                end.run();
                done.completeExceptionally(
                        new ApiException(503, "too_many_streams", "too many clients listen; try again later"));
            }
            return done;
        });
    }

    private static void write(OutputStream out, EventBuffer buffer, Subscription subscription, String idle, Form form)
            throws IOException, InterruptedException {
        out.flush();
        while (true) {
            Optional<JobEvent> event = buffer.next(subscription.isOpen() ? SILENCE : 1);
            if (event.isEmpty() && !subscription.isOpen()) {
                return;
            }
            Optional<String> text = event.isPresent() ? form.of(event.get()) : Optional.of(idle);
            if (text.isPresent()) {
                out.write(text.get().getBytes(StandardCharsets.UTF_8));
                out.flush();
            }
            if (event.isPresent() && event.get() instanceof JobEvent.Ended) {
                return;
            }
        }
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
