package io.latent4j.server.own;

import io.latent4j.service.queue.JobQueue;
import io.latent4j.service.store.JobQuery;
import io.latent4j.service.store.StoredJob;
import java.util.List;

/**
 * Jobs as the JSON of a list. Prompts and parameters may be long, so a few jobs are in memory at a time, and the list ends early
 * where the text is long enough; it says then where the next one begins.
 */
final class JobPage {
    private static final int AT_ONCE = 10;
    private static final int LONG_ENOUGH = 4 << 20; // letters, after which no other job is added

    private final StringBuilder text = new StringBuilder("{\"jobs\":[");
    private int listed;
    private long last;

    private JobPage() {}

    /** The jobs of a query, or the first of them. */
    static String json(JobQueue queue, JobQuery query) {
        JobPage page = new JobPage();
        boolean more = page.add(queue, query);
        return page.text + "]" + (more ? ",\"next\":" + page.last : "") + "}";
    }

    /** Adds the jobs; returns whether there may be others. */
    private boolean add(JobQueue queue, JobQuery query) {
        JobQuery rest = query;
        while (listed < query.limit()) {
            int some = Math.min(AT_ONCE, query.limit() - listed);
            List<StoredJob> jobs = queue.jobs(rest.atMost(some));
            for (StoredJob job : jobs) {
                if (text.length() >= LONG_ENOUGH) {
                    return true;
                }
                text.append(listed == 0 ? "" : ",").append(JobJson.of(job));
                listed++;
                last = job.number();
            }
            if (jobs.size() < some) {
                return false;
            }
            rest = rest.before(last);
        }
        return true;
    }
}
