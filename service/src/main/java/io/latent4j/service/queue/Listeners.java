package io.latent4j.service.queue;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Who listens to which job, and who observes all of them. */
final class Listeners {
    private static final Logger LOGGER = LoggerFactory.getLogger(Listeners.class);

    private final List<Listener> all = new CopyOnWriteArrayList<>();
    private final List<BiConsumer<String, JobEvent>> observers = new CopyOnWriteArrayList<>();

    Listener add(String job, Consumer<JobEvent> events) {
        Listener listener = new Listener(job, events, all::remove);
        all.add(listener);
        return listener;
    }

    List<Listener> all() {
        return List.copyOf(all);
    }

    List<Listener> of(String job) {
        return all.stream().filter(listener -> listener.job().equals(job)).toList();
    }

    /** {@code observer} is to be told of all jobs of this process. */
    void add(BiConsumer<String, JobEvent> observer) {
        observers.add(observer);
    }

    void tellObservers(String job, JobEvent event) {
        for (BiConsumer<String, JobEvent> observer : observers) {
            try {
                observer.accept(job, event);
            } catch (RuntimeException e) {
                LOGGER.warn("an observer of the queue fails", e);
            }
        }
    }

    void close() {
        all().forEach(Listener::close);
    }
}
