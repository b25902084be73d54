package io.latent4j.service.queue;

import io.latent4j.service.store.ImageFolder;
import io.latent4j.service.store.JobStore;
import java.time.Clock;
import java.time.Instant;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * What the threads of a queue share.
 *
 * @param running the jobs that run in this process, by their ids
 * @param bell rings when there may be more to do
 */
record QueueParts(
        JobStore store,
        ImageFolder images,
        Listeners listeners,
        ConcurrentMap<String, RunningJob> running,
        Bell bell,
        QueueOptions options,
        Clock clock) {

    QueueParts(JobStore store, ImageFolder images, QueueOptions options, Clock clock) {
        this(store, images, new Listeners(), new ConcurrentHashMap<>(), new Bell(), options, clock);
    }

    Instant now() {
        return clock.instant();
    }
}
