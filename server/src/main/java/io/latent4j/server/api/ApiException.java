package io.latent4j.server.api;

import java.util.Optional;

/** A request that is answered with an error. */
public final class ApiException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final int status;
    private final String code;
    private final String field;

    /**
     * @param status of HTTP
     * @param code a word for programs, {@code not_found} for instance
     * @param message for people: what is wrong, and what is expected
     */
    public ApiException(int status, String code, String message) {
        this(status, code, message, "");
    }

    /** @param field which of the request's fields is wrong; none if empty */
    public ApiException(int status, String code, String message, String field) {
        super(message);
        this.status = status;
        this.code = code;
        this.field = field;
    }

    /** The request is wrong. */
    public static ApiException invalid(String message) {
        return new ApiException(400, "invalid_request", message);
    }

    /** A field of the request is wrong. */
    public static ApiException invalid(String field, String message) {
        return new ApiException(400, "invalid_request", message, field);
    }

    /** There is no such thing. */
    public static ApiException notFound(String message) {
        return new ApiException(404, "not_found", message);
    }

    /** The status of HTTP. */
    public int status() {
        return status;
    }

    /** A word for programs. */
    public String code() {
        return code;
    }

    /** Which field of the request is wrong. */
    public Optional<String> field() {
        return field.isEmpty() ? Optional.empty() : Optional.of(field);
    }
}
