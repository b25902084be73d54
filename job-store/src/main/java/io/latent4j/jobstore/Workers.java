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
    static boolean heard(Handle handle, String worker, Instant now) {
        return update(handle, worker, now)
                || handle.createUpdate("insert into worker (name, heard) values (:name, :heard)")
                                .bind("name", SqlText.encode(worker))
                                .bind("heard", SqlTime.column(now))
                                .execute()
                        > 0;
    }

    /** Notes that a known worker lives; returns false if it is not known. */
    static boolean update(Handle handle, String worker, Instant now) {
        return handle.createUpdate("update worker set heard = :heard where name = :name")
                        .bind("name", SqlText.encode(worker))
                        .bind("heard", SqlTime.column(now))
                        .execute()
                > 0;
    }

    /** Forgets those that fell silent before this time, which are as if they had never been heard of. */
    static int forget(Handle handle, Instant since) {
        return handle.createUpdate("delete from worker where heard < :since")
                .bind("since", SqlTime.column(since))
                .execute();
    }
}
