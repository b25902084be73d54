package io.latent4j.server;

import com.google.common.base.Throwables;
import io.javalin.http.Context;
import io.javalin.http.HttpResponseException;
import io.latent4j.server.api.Api;
import io.latent4j.server.api.ApiException;
import io.latent4j.service.job.InvalidJobException;
import io.latent4j.service.queue.QueueStoppingException;
import io.latent4j.service.store.QueueFullException;
import java.util.List;
import java.util.UUID;
import org.eclipse.jetty.http.HttpException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers what went wrong in the form of the first API that serves the path, or else of the last. */
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
        Api api = apis.stream()
                .filter(each -> each.serves(context.path()))
                .findFirst()
                .orElse(apis.get(apis.size() - 1));
        context.contentType("application/json").result(api.error(error).toString());
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
        if (Throwables.getCausalChain(error).stream().anyMatch(HttpException.class::isInstance)) {
            return wrongForm(Throwables.getRootCause(error));
        }
        if (error instanceof HttpResponseException http) {
            return new ApiException(http.getStatus(), "http_error", http.getMessage());
        }
        String id = UUID.randomUUID().toString();
        LOGGER.error("a request failed: {}", id, error);
        return new ApiException(500, "failed", "the server failed; its log tells why under " + id);
    }

    /** Jetty says by an error's text alone that a form is larger than it may be. */
    private static ApiException wrongForm(Throwable cause) {
        String message = String.valueOf(cause.getMessage());
        return message.startsWith("max length exceeded")
                ? new ApiException(413, "too_large", "the form is too large; expected a smaller image")
                : ApiException.invalid("the form cannot be read: " + message);
    }
}
