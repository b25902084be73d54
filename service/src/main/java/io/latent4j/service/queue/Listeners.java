package io.latent4j.service.queue;

import io.latent4j.service.store.JobState;
import io.latent4j.service.store.StoredImage;
import io.latent4j.service.store.StoredJob;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.IntSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Who listens to which job. Each is told each image once, and the end once, however it comes to be known. */
final class Listeners {
    private static final Logger LOGGER = LoggerFactory.getLogger(Listeners.class);

    private final List<Listener> all = new CopyOnWriteArrayList<>();
    private final List<BiConsumer<String, JobEvent>> observers = new CopyOnWriteArrayList<>();

    Listener add(String job, Consumer<JobEvent> events) {
        Listener listener = new Listener(job, events);
        all.add(listener);
        return listener;
    }

    List<Listener> all() {
        return all;
    }

    /** Tells {@code observer} the events of all jobs of this process, with their ids. */
    void observe(BiConsumer<String, JobEvent> observer) {
        observers.add(observer);
    }

    void tell(String job, JobEvent event) {
        observed(job, event);
        all.stream().filter(l -> l.job.equals(job)).forEach(l -> l.tell(event));
    }

    private void observed(String job, JobEvent event) {
        for (BiConsumer<String, JobEvent> observer : observers) {
            try {
                observer.accept(job, event);
            } catch (RuntimeException e) {
                LOGGER.warn("an observer of the queue fails", e);
            }
        }
    }

    void ended(StoredJob job) {
        observed(job.id(), new JobEvent.Ended(job));
        all.stream().filter(l -> l.job.equals(job.id())).forEach(l -> l.update(job, () -> 0));
    }

    /** One who listens to one job. */
    final class Listener implements Subscription {
        private final String job;
        private final Consumer<JobEvent> events;
        private final Set<Integer> images = new HashSet<>();
        private int position = -1;
        private boolean begun;
        private boolean closed;

        private Listener(String job, Consumer<JobEvent> events) {
            this.job = job;
            this.events = events;
        }

        String job() {
            return job;
        }

        /** Tells what is new about the job. */
        synchronized void update(StoredJob now, IntSupplier place) {
            if (now.state() == JobState.QUEUED) {
                int at = place.getAsInt();
                if (at != position || begun) {
                    position = at;
                    begun = false;
                    tell(new JobEvent.Queued(at));
                }
            } else if (now.state() == JobState.RUNNING && !begun) {
                tell(new JobEvent.Started(now.spec().model().orElse(""), 0));
            }
            now.images().forEach(image -> tell(new JobEvent.Image(image)));
            if (now.state().isEnd()) {
                tell(new JobEvent.Ended(now));
            }
        }

        synchronized void tell(JobEvent event) {
            if (closed || event instanceof JobEvent.Image image && !isNew(image.image())) {
                return;
            }
            if (event instanceof JobEvent.Started) {
                begun = true;
            }
            if (event instanceof JobEvent.Ended) {
                close();
            }
            try {
                events.accept(event);
            } catch (RuntimeException e) {
                LOGGER.warn("a listener to the job {} fails; it is told no more", job, e);
                close();
            }
        }

        private boolean isNew(StoredImage image) {
            return images.add(image.index());
        }

        @Override
        public synchronized boolean isOpen() {
            return !closed;
        }

        @Override
        public synchronized void close() {
            closed = true;
            all.remove(this);
        }
    }
}
