package io.latent4j.server.api;

import com.google.gson.JsonObject;
import io.javalin.config.RoutesConfig;

/** One way of speaking to the server: its routes, and how it tells an error. */
public interface Api {
    /** Adds the routes. */
    void addTo(RoutesConfig routes);

    /** Whether a path is of this API, so that an error there is told in its form. */
    boolean serves(String path);

    /** The body of an answer that says what is wrong. */
    JsonObject error(ApiException error);
}
