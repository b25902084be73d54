package io.latent4j.jobstore;

import io.latent4j.service.store.JobEnd;
import io.latent4j.service.store.JobStore;
import io.latent4j.service.store.JobStoreContract;
import io.latent4j.service.store.QueueBounds;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.UUID;

/** A process that adds, claims and ends jobs until it is killed, and prints what it has done: a word and a job's id. */
final class Writing {
    private static final QueueBounds MANY = new QueueBounds(100_000, 100_000);
    private static final int THREADS = 3;

    private Writing() {}

    /**
     * Writes without an end.
     *
     * @param args the folder of the store
     */
    public static void main(String[] args) {
        SqlJobStore store = SqlJobStore.file(Path.of(args[0]));
        for (int i = 0; i < THREADS; i++) {
            new Thread(() -> write(store)).start();
        }
    }

    private static void write(JobStore store) {
        String worker = UUID.randomUUID().toString();
        while (true) {
            String id = UUID.randomUUID().toString();
            store.add(JobStoreContract.job(id, worker, 0), MANY);
            say("added", id);
            store.beat(worker, Instant.now());
            String claimed = store.claim(worker, Instant.now()).orElseThrow().id();
            say("claimed", claimed);
            store.addImage(claimed, worker, JobStoreContract.image(0, 'a'));
            say("made", claimed);
            store.end(claimed, worker, JobEnd.done(List.of(), Instant.now()));
            say("ended", claimed);
            store.add(JobStoreContract.job(id + "-2", worker, 0), MANY);
            say("added", id + "-2");
            store.forget(Instant.EPOCH, 1000);
        }
    }

    private static void say(String what, String id) {
        synchronized (System.out) {
            System.out.print(what + " " + id + "\n"); // in one piece
            System.out.flush();
        }
    }
}
