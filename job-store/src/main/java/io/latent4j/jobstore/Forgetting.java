package io.latent4j.jobstore;

import java.time.Instant;
import org.jdbi.v3.core.Handle;

/** Forgets old jobs that ended, with the rows of their images. */
final class Forgetting {
    private Forgetting() {}

    static boolean needed(Handle handle, Instant before, int most) {
        return ended(handle) > most
                || handle.createQuery("select 1 from job where ended < :before fetch first row only")
                        .bind("before", SqlTime.column(before))
                        .mapTo(Integer.class)
                        .findFirst()
                        .isPresent();
    }

    static int forget(Handle handle, Instant before, int most) {
        int old = handle.createUpdate("delete from job where ended < :before")
                .bind("before", SqlTime.column(before))
                .execute();
        int more = ended(handle) - most;
        if (more <= 0) {
            return old;
        }
        return old + handle.createUpdate("""
                                delete from job where number in (
                                    select number from job where ended is not null
                                    order by ended, number fetch first :more rows only)
                                """).bind("more", more).execute();
    }

    private static int ended(Handle handle) {
        return handle.createQuery("select count(*) from job where ended is not null")
                .mapTo(Integer.class)
                .one();
    }
}
