package io.latent4j.server.comfy;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Digests of images that clients sent, by the names that they gave them. A name is no file's; each client has its own, and the
 * oldest is forgotten where there are too many.
 */
final class NamedFiles {
    private static final int MOST = 2000;

    private final Map<Key, String> digests = new LinkedHashMap<>();

    /** A client's name, with a folder before it. */
    private record Key(String client, String type, String name) {}

    /**
     * Keeps a name. Where another image has it, and that one is to stay, it gets a number.
     *
     * @param type {@code input}, {@code temp} or {@code output}, as the client says
     * @return the name that it has now
     */
    synchronized String put(String client, String type, String name, String digest, boolean overwrites) {
        String free = name;
        for (int i = 1; !overwrites && isOther(new Key(client, type, free), digest); i++) {
            int dot = name.lastIndexOf('.');
            free = dot <= name.lastIndexOf('/')
                    ? name + " (" + i + ")"
                    : name.substring(0, dot) + " (" + i + ")" + name.substring(dot);
        }
        digests.remove(new Key(client, type, free));
        digests.put(new Key(client, type, free), digest);
        if (digests.size() > MOST) {
            digests.remove(digests.keySet().iterator().next());
        }
        return free;
    }

    private boolean isOther(Key key, String digest) {
        String there = digests.get(key);
        return there != null && !there.equals(digest);
    }

    /** The digest of the image that a client calls so. */
    synchronized Optional<String> digest(String client, String type, String name) {
        return Optional.ofNullable(digests.get(new Key(client, type, name)));
    }

    /** The names of the images that a client sent to start from. */
    synchronized List<String> names(String client) {
        return digests.keySet().stream()
                .filter(key -> key.client().equals(client) && key.type().equals("input"))
                .map(Key::name)
                .toList();
    }
}
