package io.latent4j.server.api;

import io.javalin.http.Context;
import io.javalin.websocket.WsContext;
import java.util.Objects;

/** Who sends a request, as the queue and the log call it. */
public final class Client {
    private static final String ATTRIBUTE = "latent4j.client";

    private Client() {}

    /** The number of its key, or its address. */
    public static String of(Context context) {
        String known = context.attribute(ATTRIBUTE);
        return known == null ? context.req().getRemoteAddr() : known;
    }

    /** What the client is called that has the server's key of this number, from 1. */
    public static String ofKey(int number) {
        return "key-" + number;
    }

    /** The same of a socket, of which {@link #set} was told when it was opened. */
    public static String of(WsContext context) {
        return Objects.requireNonNull(context.<String>attribute(ATTRIBUTE), "the client of a socket");
    }

    /** Remembers who sends a request. */
    public static void set(Context context, String client) {
        context.attribute(ATTRIBUTE, client);
    }
}
