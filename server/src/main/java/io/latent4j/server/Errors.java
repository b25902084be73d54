package io.latent4j.server;

import com.google.gson.JsonObject;
import io.javalin.http.Context;
import io.javalin.http.HttpResponseException;
import io.latent4j.server.api.Api;
import io.latent4j.server.api.ApiException;
import io.latent4j.service.job.InvalidJobException;
import io.latent4j.service.queue.QueueStoppingException;
import io.latent4j.service.store.QueueFullException;
import java.util.List;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers what went wrong, each API in its own form. */
final class Errors {
    private static final Logger LOGGER = LoggerFactory.getLogger(Errors.class);

    /** The attribute of a request whose error was told. */
    static final String ANSWERED = "latent4j.answered";

    private final List<Api> apis;
    private final Pace pace;
    private final Metrics metrics;

    Errors(List<Api> apis, Pace pace, Metrics metrics) {
        this.apis = apis;
        this.pace = pace;
        this.metrics = metrics;
    }

    void answer(Exception error, Context context) {
        if (error instanceof QueueFullException full) {
            context.header("Retry-After", Long.toString(pace.retryAfter(full.waiting())));
            metrics.refused();
        }
        answer(asApi(error), context);
    }

    void answer(ApiException error, Context context) {
        context.attribute(ANSWERED, true);
        context.status(error.status());
        if (context.path().startsWith("/api/") || apis.stream().noneMatch(api -> isOf(api, context))) {
            json(context, own(error));
            return;
        }
        apis.stream().filter(api -> isOf(api, context)).findFirst().ifPresent(api -> json(context, api.error(error)));
    }

    private static boolean isOf(Api api, Context context) {
        return api.serves(context.path());
    }

    private static void json(Context context, JsonObject body) {
        context.contentType("application/json").result(body.toString());
    }

    private static ApiException asApi(Exception error) {
        if (error instanceof ApiException known) {
            return known;
        }
        if (error instanceof QueueStoppingException) {
            return new ApiException(503, "stopping", "the server stops");
        }
        if (error instanceof QueueFullException) {
            return new ApiException(429, "queue_full", error.getMessage());
        }
        if (error instanceof InvalidJobException) {
            return ApiException.invalid(error.getMessage());
        }
        if (error instanceof HttpResponseException http) {
            return new ApiException(http.getStatus(), "http_error", http.getMessage());
        }
        String id = UUID.randomUUID().toString();
        LOGGER.error("a request failed: {}", id, error);
        return new ApiException(500, "failed", "the server failed; its log tells why under " + id);
    }

    /** The form of the server's own API. */
    static JsonObject own(ApiException error) {
        JsonObject inner = new JsonObject();
        inner.addProperty("code", error.code());
        inner.addProperty("message", error.getMessage());
        error.field().ifPresent(field -> inner.addProperty("field", field));
        JsonObject body = new JsonObject();
        body.add("error", inner);
        return body;
    }
}
