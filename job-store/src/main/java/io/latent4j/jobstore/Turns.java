package io.latent4j.jobstore;

import io.latent4j.service.store.NewJob;
import org.jdbi.v3.core.Handle;

/** Numbers and turns of jobs, in a change. */
final class Turns {
    private Turns() {}

    /** Waits until no other transaction has this lock, and keeps it until this one ends. */
    static void lock(Handle handle) {
        handle.createQuery("select id from job_queue where id = 1 for update")
                .mapTo(Integer.class)
                .one();
    }

    /** The number of the next job that is accepted. */
    static long nextNumber(Handle handle) {
        handle.execute("update job_queue set last_number = last_number + 1 where id = 1");
        return handle.createQuery("select last_number from job_queue where id = 1")
                .mapTo(Long.class)
                .one();
    }

    /** The turn of a new job. */
    static long of(Handle handle, NewJob job) {
        return 1
                + handle.createQuery("""
                                select coalesce(max(turn), 0) from (
                                    select turn from claimed_turn where priority = :priority
                                    union all
                                    select turn from job
                                    where state = 'QUEUED' and priority = :priority and client = :client) turns
                                """)
                        .bind("priority", job.priority())
                        .bind("client", SqlText.encode(job.client()))
                        .mapTo(Long.class)
                        .one();
    }

    /** Notes that a job of this turn was claimed. */
    static void claimed(Handle handle, int priority, long turn) {
        boolean there =
                handle.createUpdate("update claimed_turn set turn = greatest(turn, :turn) where priority = :priority")
                                .bind("turn", turn)
                                .bind("priority", priority)
                                .execute()
                        > 0;
        if (!there) {
            handle.createUpdate("insert into claimed_turn (priority, turn) values (:priority, :turn)")
                    .bind("priority", priority)
                    .bind("turn", turn)
                    .execute();
        }
    }
}
