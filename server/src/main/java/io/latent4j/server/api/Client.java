package io.latent4j.server.api;

import io.javalin.http.Context;

/** Who sends a request, as the queue and the log call it. */
public final class Client {
    private static final String ATTRIBUTE = "latent4j.client";

    private Client() {}

    /** The number of its key, or its address. */
    public static String of(Context context) {
        String known = context.attribute(ATTRIBUTE);
        return known == null ? context.req().getRemoteAddr() : known;
    }

    /** Remembers who sends a request. */
    public static void set(Context context, String client) {
        context.attribute(ATTRIBUTE, client);
    }
}
