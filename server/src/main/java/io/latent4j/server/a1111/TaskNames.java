package io.latent4j.server.a1111;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Jobs by the names that clients gave them, each client's its own. The oldest is forgotten where there are too many. */
final class TaskNames {
    private static final int MOST = 1000;
    private static final int LONGEST = 200;

    private final Map<Name, String> jobs = new LinkedHashMap<>();

    /** A client's name for a job. */
    private record Name(String client, String task) {}

    /** Remembers a job. */
    synchronized void put(String client, String task, String job) {
        if (task.length() > LONGEST) {
            return; // nobody finds it by this name
        }
        jobs.remove(new Name(client, task));
        jobs.put(new Name(client, task), job);
        if (jobs.size() > MOST) {
            jobs.remove(jobs.keySet().iterator().next());
        }
    }

    /** The id of the job that a client calls so. */
    synchronized Optional<String> job(String client, String task) {
        return Optional.ofNullable(jobs.get(new Name(client, task)));
    }
}
