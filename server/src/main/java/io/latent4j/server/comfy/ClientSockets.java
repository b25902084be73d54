package io.latent4j.server.comfy;

import com.google.gson.JsonObject;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.jetty.websocket.api.Callback;
import org.eclipse.jetty.websocket.api.Session;

/**
 * The sockets of clients that listen, by their ids. Sending waits for nobody: a client that does not read misses previews and
 * steps first, and is then given up.
 */
final class ClientSockets {
    private static final int MOST = 200;
    private static final int MOST_OF_CLIENT = 50;
    private static final int SLOW = 8; // messages on their way, beyond which some may be left out
    private static final int STUCK = 500;
    private static final int TOO_MANY = 1013;
    private static final int POLICY = 1008;

    private final Map<Key, Socket> sockets = new ConcurrentHashMap<>();

    /** Whose socket it is: a client may have several. */
    private record Key(String client, String id) {}

    /** A socket, and how many messages are on their way. */
    private record Socket(Session session, AtomicInteger underway) {
        private boolean mayTake(boolean needed) {
            if (underway.get() >= STUCK) {
                session.close(POLICY, "the client reads too slowly", Callback.NOOP);
                return false;
            }
            return needed || underway.get() < SLOW;
        }

        private Callback sent() {
            underway.incrementAndGet();
            return Callback.from(underway::decrementAndGet, error -> underway.decrementAndGet());
        }
    }

    /** Sends to this socket from now on, and no longer to another of that client and id. */
    void add(String client, String id, Session session) {
        long others = sockets.keySet().stream()
                .filter(key -> key.client().equals(client) && !key.id().equals(id))
                .count();
        if (sockets.size() >= MOST || others >= MOST_OF_CLIENT) {
            session.close(TOO_MANY, "too many clients listen; try again later", Callback.NOOP);
            return;
        }
        Socket before = sockets.put(new Key(client, id), new Socket(session, new AtomicInteger()));
        if (before != null) {
            before.session().close();
        }
    }

    /** Forgets a socket that is closed. */
    void remove(Session session) {
        sockets.values().removeIf(socket -> socket.session().equals(session));
    }

    /**
     * Sends a message, if the client listens.
     *
     * @param needed whether a slow client must have it too
     */
    void send(String client, String id, JsonObject message, boolean needed) {
        open(client, id)
                .filter(socket -> socket.mayTake(needed))
                .ifPresent(socket -> socket.session().sendText(message.toString(), socket.sent()));
    }

    /** Sends bytes that a slow client may miss. */
    void send(String client, String id, ByteBuffer bytes) {
        open(client, id)
                .filter(socket -> socket.mayTake(false))
                .ifPresent(socket -> socket.session().sendBinary(bytes, socket.sent()));
    }

    private Optional<Socket> open(String client, String id) {
        return Optional.ofNullable(sockets.get(new Key(client, id)))
                .filter(socket -> socket.session().isOpen());
    }

    /** Whether a client listens under this id. */
    boolean has(String client, String id) {
        return open(client, id).isPresent();
    }

    /** Sends a message to all sockets of a client. */
    void sendAll(String client, JsonObject message) {
        sockets.keySet().stream()
                .filter(key -> key.client().equals(client))
                .forEach(key -> send(client, key.id(), message, true));
    }
}
