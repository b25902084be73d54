package io.latent4j.service.queue;

import io.latent4j.service.store.JobState;
import io.latent4j.service.store.StoredImage;
import io.latent4j.service.store.StoredJob;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One who listens to one job. It is told each image once and the end once, however they come to be known: by a run in this
 * process, or from the store. Events are put into a line first, and told by whoever comes first and with no lock held, one at a
 * time, so that a listener may use the queue.
 */
final class Listener implements Subscription {
    private static final Logger LOGGER = LoggerFactory.getLogger(Listener.class);

    private final String job;
    private final Consumer<JobEvent> events;
    private final Consumer<Listener> closing;
    private final CompletableFuture<Void> over = new CompletableFuture<>();
    private final Deque<JobEvent> line = new ArrayDeque<>();
    private final List<JobEvent> early = new ArrayList<>(); // that came before what went before them was known
    private final Set<Integer> images = new HashSet<>();
    private boolean begun;
    private long heard; // how many events of runs in this process
    private int position = -1;
    private boolean running;
    private boolean ended;
    private boolean telling;
    private boolean closed;

    /** @param closing is called when this is closed */
    Listener(String job, Consumer<JobEvent> events, Consumer<Listener> closing) {
        this.job = job;
        this.events = events;
        this.closing = closing;
    }

    String job() {
        return job;
    }

    /** How many events of runs in this process came so far, for {@link #update}. */
    synchronized long heard() {
        return heard;
    }

    /** An event of a run in this process comes into the line. */
    synchronized void add(JobEvent event) {
        heard++;
        if (begun) {
            line(event);
        } else {
            early.add(event);
        }
    }

    /** Begins with a run in this process, whose events so far these are. */
    synchronized void begin(List<JobEvent> soFar) {
        begun = true;
        early.clear();
        soFar.forEach(this::line);
    }

    /**
     * Begins with a job that is not known to run in this process.
     *
     * @param here whether it is to run in this process, which says itself when it starts
     * @param place how many go before it, if it waits
     */
    synchronized void begin(StoredJob now, boolean here, int place) {
        begun = true;
        line(now, here, place);
        early.forEach(this::line);
        early.clear();
    }

    /**
     * What is new about a job that does not run in this process comes into the line, unless it has begun to run here since.
     *
     * @param seen events that were heard before {@code now} was looked up
     * @param place how many go before it, if it waits
     */
    synchronized void update(StoredJob now, long seen, int place) {
        if (begun && heard == seen) {
            line(now, false, place);
        }
    }

    private void line(StoredJob now, boolean here, int place) {
        if (now.state() == JobState.QUEUED && (place != position || running)) {
            line(new JobEvent.Queued(place));
        } else if (now.state() == JobState.RUNNING && !running && !here) {
            line(new JobEvent.Started(now.spec().model().orElse(""), 0));
        }
        now.images().forEach(image -> line(new JobEvent.Image(image)));
        if (now.state().isEnd()) {
            line(new JobEvent.Ended(now));
        }
    }

    private void line(JobEvent event) {
        if (closed || ended || (event instanceof JobEvent.Image image && !isNew(image.image()))) {
            return;
        }
        if (event instanceof JobEvent.Queued queued) {
            position = queued.position();
            running = false;
        } else if (event instanceof JobEvent.Started || event instanceof JobEvent.Loading) {
            running = true;
        } else if (event instanceof JobEvent.Ended) {
            ended = true;
        }
        line.add(event);
    }

    private boolean isNew(StoredImage image) {
        return images.add(image.index());
    }

    /** Tells what is in the line, unless another thread does, which goes on with it then. */
    void tell() {
        synchronized (this) {
            if (telling) {
                return;
            }
            telling = true;
        }
        boolean well = false;
        try {
            for (JobEvent event = next(); event != null; event = next()) {
                events.accept(event);
                if (event instanceof JobEvent.Ended) {
                    close();
                }
            }
            well = true;
        } catch (RuntimeException e) {
            LOGGER.warn("a listener to the job {} fails; it is told no more", job, e);
        } finally {
            if (!well) {
                close();
            }
        }
    }

    /** The next in the line; null, and then no more is told, if there is none. */
    private synchronized JobEvent next() {
        JobEvent next = closed ? null : line.poll();
        telling = next != null;
        return next;
    }

    /** Runs {@code then} when this is closed, or now if it is. */
    void whenClosed(Runnable then) {
        CompletableFuture<Void> unused = over.thenRun(then);
    }

    @Override
    public synchronized boolean isOpen() {
        return !closed;
    }

    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            line.clear();
        }
        closing.accept(this);
        over.complete(null);
    }
}
