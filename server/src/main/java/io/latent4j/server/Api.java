package io.latent4j.server;

import com.google.gson.JsonObject;
import io.javalin.config.RoutesConfig;

/** One way of speaking to the server: its routes, and how it tells an error. */
public interface Api {
    /** Adds the routes, all below {@link #prefix}. */
    void addTo(RoutesConfig routes);

    /** With what the paths of its routes begin, {@code /v1/} for instance. */
    String prefix();

    /** The body of an answer that says what is wrong. */
    JsonObject error(ApiException error);
}
