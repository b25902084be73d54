package io.latent4j.server;

import com.google.common.base.Splitter;
import com.google.common.base.Throwables;
import io.javalin.http.Context;
import io.javalin.http.HttpResponseException;
import io.javalin.http.MethodNotAllowedResponse;
import io.latent4j.server.api.Api;
import io.latent4j.server.api.ApiException;
import io.latent4j.server.api.ServedJobs;
import io.latent4j.service.job.InvalidJobException;
import io.latent4j.service.queue.QueueStoppingException;
import io.latent4j.service.store.JobExistsException;
import io.latent4j.service.store.QueueFullException;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.eclipse.jetty.http.HttpException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers what went wrong in the form of the first API that serves the path, or else of the last. */
final class Errors {
    private static final Logger LOGGER = LoggerFactory.getLogger(Errors.class);

    /** The attribute of a request whose error was told. */
    static final String ANSWERED = "latent4j.answered";

    private static final int TIMEOUT = 408;
    private static final int UNAVAILABLE = 503;

    private final List<Api> apis;
    private final Pace pace;
    private final Metrics metrics;

    Errors(List<Api> apis, Pace pace, Metrics metrics) {
        this.apis = apis;
        this.pace = pace;
        this.metrics = metrics;
    }

    void answer(Exception error, Context context) {
        if (error instanceof MethodNotAllowedResponse wrong && !methods(wrong).isEmpty()) {
            context.header("Allow", String.join(", ", methods(wrong)));
        }
        if (error instanceof QueueFullException full) {
            context.header("Retry-After", Long.toString(pace.retryAfter(full.waiting())));
            metrics.refused();
        }
        if (ofProtocol(error).isPresent()) {
            context.header("Connection", "close"); // as the rest of the body is not read
        }
        answer(asApi(error), context);
    }

    void answer(ApiException error, Context context) {
        context.attribute(ANSWERED, true);
        context.status(error.status());
        context.contentType("application/json").result(body(context.path(), error));
    }

    private String body(String path, ApiException error) {
        return apis.stream()
                .filter(each -> each.serves(path))
                .findFirst()
                .orElse(apis.get(apis.size() - 1))
                .error(error)
                .toString();
    }

    /** What is answered where no route was found or reached. */
    String body(String path, int status, String message) {
        return body(path, new ApiException(status, "http_error", message));
    }

    /** Answers a request for which there was too little memory, for instance; the server lives. */
    void answer(HttpServletResponse response, Error error) {
        ApiException told = failed(error);
        if (response.isCommitted()) {
            return;
        }
        try {
            response.setStatus(told.status());
            response.setContentType("application/json");
            response.getOutputStream().write(body("", told).getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            LOGGER.debug("a client is gone before it is told of an error", e);
        }
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
        if (error instanceof JobExistsException) {
            return new ApiException(409, "job_exists", error.getMessage());
        }
        if (error instanceof InvalidJobException invalid) {
            return ServedJobs.invalid(invalid);
        }
        if (error instanceof MethodNotAllowedResponse wrong) {
            return wrongMethod(methods(wrong));
        }
        if (error instanceof HttpResponseException http) {
            return new ApiException(http.getStatus(), "http_error", http.getMessage());
        }
        Optional<ApiException> protocol = ofProtocol(error);
        return protocol.isPresent() ? protocol.get() : failed(error);
    }

    /** What may be sent to an address, beside what browsers ask of all of them. */
    private static List<String> methods(MethodNotAllowedResponse wrong) {
        return Splitter.on(',')
                .trimResults()
                .omitEmptyStrings()
                .splitToStream(wrong.getDetails().getOrDefault("availableMethods", ""))
                .filter(method -> !method.equals("OPTIONS"))
                .distinct()
                .sorted()
                .toList();
    }

    private static ApiException wrongMethod(List<String> allowed) {
        return allowed.isEmpty()
                ? ApiException.notFound("there is nothing at this address")
                : new ApiException(
                        405,
                        "wrong_method",
                        "this address does not take that method; expected " + String.join(" or ", allowed));
    }

    /** The body cannot be read: a form is damaged or has too much, or the client is too slow, or one of too many. */
    private static Optional<ApiException> ofProtocol(Throwable error) {
        return Throwables.getCausalChain(error).stream()
                .filter(HttpException.class::isInstance)
                .map(HttpException.class::cast)
                .findFirst()
                .map(http -> ofProtocol(http, Throwables.getRootCause(error)));
    }

    private static ApiException ofProtocol(HttpException http, Throwable cause) {
        if (http.getCode() == UNAVAILABLE) {
            return new ApiException(UNAVAILABLE, "busy", "the server reads as much as it can hold; try again later");
        }
        if (http.getCode() == TIMEOUT) {
            return new ApiException(
                    TIMEOUT, "too_slow", "the body comes too slowly; expected more than 1 KiB a second");
        }
        if (String.valueOf(cause.getMessage()).startsWith("max length exceeded")) { // Jetty says it by this text alone
            return new ApiException(413, "too_large", "the form is too large; expected a smaller image");
        }
        return new ApiException(
                http.getCode(),
                "http_error",
                "the form cannot be read; expected all of it, with at most 1000 fields and files");
    }

    private static ApiException failed(Throwable error) {
        String id = UUID.randomUUID().toString();
        LOGGER.error("a request failed: {}", id, error);
        return new ApiException(500, "failed", "the server failed; its log tells why under " + id);
    }
}
