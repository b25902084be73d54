package io.latent4j.server.comfy;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** The graphs that clients sent, by the ids of their jobs. The oldest are forgotten where there are too many or too long ones. */
final class Prompts {
    /** The most letters of a graph with what comes with it. */
    static final int MOST_LETTERS = 1 << 20;

    private static final int MOST = 2000;
    private static final long MOST_LETTERS_IN_ALL = 8L << 20; // as values, they take up to 32 times as many bytes

    private final Map<String, Prompt> prompts = new LinkedHashMap<>();
    private long letters;

    /**
     * A graph.
     *
     * @param id of its job
     * @param client who sent it
     * @param clientId whose socket hears of it
     * @param number in the order of all
     * @param graph as it was sent, in JSON
     * @param extra what the client wants to find again, in JSON
     * @param job what it is here
     */
    record Prompt(String id, String client, String clientId, long number, String graph, String extra, GraphJob job) {
        Prompt {
            Objects.requireNonNull(id, "id");
            Objects.requireNonNull(client, "client");
            Objects.requireNonNull(clientId, "clientId");
        }

        private int letters() {
            return graph.length() + extra.length();
        }
    }

    synchronized void add(Prompt prompt) {
        prompts.put(prompt.id(), prompt);
        letters += prompt.letters();
        while (prompts.size() > MOST || letters > MOST_LETTERS_IN_ALL) {
            letters -= prompts.remove(prompts.keySet().iterator().next()).letters();
        }
    }

    /** The graph of a client's job. */
    synchronized Optional<Prompt> of(String client, String id) {
        return Optional.ofNullable(prompts.get(id))
                .filter(prompt -> prompt.client().equals(client));
    }

    /** A client's graphs, the oldest first. */
    synchronized List<Prompt> of(String client) {
        return new ArrayList<>(prompts.values())
                .stream().filter(prompt -> prompt.client().equals(client)).toList();
    }

    /** Forgets a client's graph. */
    synchronized void remove(String client, String id) {
        of(client, id).ifPresent(prompt -> {
            prompts.remove(id);
            letters -= prompt.letters();
        });
    }
}
