package io.latent4j.server.api;

import io.latent4j.service.queue.Submission;
import java.util.Optional;
import java.util.Set;

/** Who may have jobs go before those of others. Whoever may not can still have its own go after them. */
public final class Priorities {
    /** All clients. */
    public static final String ALL = "all";

    private final Set<String> clients;

    /** @param clients that may, as {@link Client} calls them; or {@link #ALL} */
    public Priorities(Set<String> clients) {
        this.clients = Set.copyOf(clients);
    }

    /**
     * How a job is asked for, with the priority that its client may give it.
     *
     * @param by how it is asked for
     * @param warning what to tell the client, if that is not what it wants
     */
    public record Allowed(Submission by, Optional<String> warning) {}

    /**
     * What a client gets.
     *
     * @param field of the request that wants it, for the warning
     */
    public Allowed of(Submission by, String field) {
        if (by.priority() <= 0 || clients.contains(ALL) || clients.contains(by.client())) {
            return new Allowed(by, Optional.empty());
        }
        return new Allowed(
                by.withPriority(0),
                Optional.of(field + " is ignored: the operator lets this client put no job before those of others"
                        + " (--allow-priority)"));
    }
}
