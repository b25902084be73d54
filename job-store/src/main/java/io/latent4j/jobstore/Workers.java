package io.latent4j.jobstore;

import java.time.Instant;
import org.jdbi.v3.core.Handle;

/** The workers that were heard of, and when. */
final class Workers {
    /** The running jobs of workers that have not been heard of since {@code :since}. */
    static final String LOST = """
            where state = 'RUNNING' and not exists (
                select 1 from worker where worker.name = job.worker and worker.heard >= :since)
            """;

    private Workers() {}

    /** Notes that a worker lives, in a change. */
    static int heard(Handle handle, String worker, Instant now) {
        int known = update(handle, worker, now);
        return known > 0
                ? known
                : handle.createUpdate("insert into worker (name, heard) values (:name, :heard)")
                        .bind("name", SqlText.encode(worker))
                        .bind("heard", SqlTime.column(now))
                        .execute();
    }

    /** Notes that a worker lives, if it is known; returns how many are. */
    static int update(Handle handle, String worker, Instant now) {
        return handle.createUpdate("update worker set heard = :heard where name = :name")
                .bind("name", SqlText.encode(worker))
                .bind("heard", SqlTime.column(now))
                .execute();
    }

    /** Forgets those that fell silent before this time, which are as if they had never been heard of. */
    static int forget(Handle handle, Instant since) {
        return handle.createUpdate("delete from worker where heard < :since")
                .bind("since", SqlTime.column(since))
                .execute();
    }
}
