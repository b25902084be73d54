package io.latent4j.jobstore;

import java.time.Instant;
import org.jdbi.v3.core.Handle;

/** Forgets the oldest jobs that ended, with the rows of their images. */
final class Forgetting {
    private static final int MOST_AT_ONCE = 500; // so that others need not wait for long

    private Forgetting() {}

    /** How many are to be forgotten: those that ended before this time, or more until there are no more than {@code most}. */
    static int due(Handle handle, Instant before, int most) {
        int old = handle.createQuery("select count(*) from job where ended < :before")
                .bind("before", SqlTime.column(before))
                .mapTo(Integer.class)
                .one();
        int all = handle.createQuery("select count(*) from job where ended is not null")
                .mapTo(Integer.class)
                .one();
        return Math.max(old, all - most);
    }

    /** Forgets some of those that are due, in a change; returns how many. */
    static int some(Handle handle, Instant before, int most) {
        return handle.createUpdate("""
                        delete from job where number in (
                            select number from job where ended is not null
                            order by ended, number fetch first :some rows only)
                        """)
                .bind("some", Math.max(0, Math.min(due(handle, before, most), MOST_AT_ONCE)))
                .execute();
    }
}
