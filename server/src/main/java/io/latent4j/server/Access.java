package io.latent4j.server;

import com.google.common.net.HostAndPort;
import com.google.common.net.InetAddresses;
import io.javalin.http.Context;
import io.latent4j.server.api.ApiException;
import io.latent4j.server.api.Client;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** Whom the server lets in: by the name it is called, by the page that calls, and by a key. */
final class Access {
    /** What is told to anyone: whether the server lives, the page that asks for a key, and how to ask. */
    private static final Set<String> WITHOUT_KEY = Set.of("/healthz", "/readyz", "/", "/favicon.ico", "/openapi.json");

    private static final String PAGE = "/page/";
    private static final Pattern HEADERS = Pattern.compile("[A-Za-z0-9, -]{1,2000}");
    private static final Set<String> READING = Set.of("GET", "HEAD", "OPTIONS");

    private final ServerOptions options;

    Access(ServerOptions options) {
        this.options = options;
    }

    /** @throws ApiException if the request may not go on */
    void check(Context context) {
        checkHost(context);
        checkOrigin(context);
        if (context.req().getMethod().equals("OPTIONS")) {
            return; // browsers ask without a key
        }
        boolean open = WITHOUT_KEY.contains(context.path()) || context.path().startsWith(PAGE);
        if (!options.keys().isEmpty() && !open) {
            Client.set(context, key(context));
        }
    }

    /**
     * The same for a socket, which a browser opens from any page without asking first.
     *
     * @throws ApiException if it may not be opened
     */
    void checkSocket(Context context) {
        String origin = context.req().getHeader("Origin");
        if (origin != null && !options.origins().contains(origin) && !isSame(origin, context)) {
            throw new ApiException(
                    403, "wrong_origin", "a page of another server asks for this; the operator may allow it");
        }
        check(context);
    }

    private void checkHost(Context context) {
        String header = Optional.ofNullable(context.req().getHeader("Host")).orElse("");
        if (!isOurs(header)) {
            throw new ApiException(
                    403, "wrong_host", "the server is called by a name that is not its own; the operator may add it");
        }
    }

    private boolean isOurs(String header) {
        String host;
        try {
            host = HostAndPort.fromString(header).getHost().toLowerCase(Locale.ROOT);
        } catch (IllegalArgumentException e) {
            return false;
        }
        return host.equals("localhost")
                || host.equals(options.host().toLowerCase(Locale.ROOT))
                || InetAddresses.isInetAddress(host)
                || options.publicUrl()
                        .map(URI::getHost)
                        .filter(host::equalsIgnoreCase)
                        .isPresent()
                || options.hosts().stream().anyMatch(host::equalsIgnoreCase);
    }

    /** Pages of other servers may neither read nor start anything, unless they are listed. */
    private void checkOrigin(Context context) {
        String origin = context.req().getHeader("Origin");
        if (origin == null
                || (origin.equals("null") && READING.contains(context.req().getMethod()))) {
            return;
        }
        if (options.origins().contains(origin)) {
            context.header("Access-Control-Allow-Origin", origin);
            context.header("Access-Control-Allow-Headers", allowedHeaders(context));
            context.header("Access-Control-Allow-Methods", "GET, POST, DELETE, OPTIONS");
            context.header("Access-Control-Expose-Headers", "Location, X-Seed, Latent4j-Warnings, Retry-After");
            context.header("Vary", "Origin");
            return;
        }
        if (!isSame(origin, context) && !READING.contains(context.req().getMethod())) {
            throw new ApiException(
                    403, "wrong_origin", "a page of another server asks for this; the operator may allow it");
        }
    }

    /** Libraries for browsers send headers of their own beside the usual ones. */
    private static String allowedHeaders(Context context) {
        String asked = context.req().getHeader("Access-Control-Request-Headers");
        return asked != null && HEADERS.matcher(asked).matches() ? asked : "Authorization, Content-Type, X-API-Key";
    }

    private static boolean isSame(String origin, Context context) {
        try {
            String authority = URI.create(origin).getRawAuthority();
            return authority != null && authority.equalsIgnoreCase(context.req().getHeader("Host"));
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private String key(Context context) {
        String given = given(context).orElseThrow(() -> {
            context.header("WWW-Authenticate", "Bearer, Basic realm=\"latent4j\"");
            return new ApiException(
                    401,
                    "no_key",
                    "the server wants a key; expected Authorization: Bearer KEY, or Basic with the key as"
                            + " the password");
        });
        List<String> keys = options.keys();
        int found = -1;
        for (int i = 0; i < keys.size(); i++) {
            if (MessageDigest.isEqual(bytes(keys.get(i)), bytes(given))) {
                found = i;
            }
        }
        if (found < 0) {
            throw new ApiException(401, "wrong_key", "the key is not one of the server's");
        }
        return Client.ofKey(found + 1);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static Optional<String> given(Context context) {
        String direct = context.req().getHeader("X-API-Key");
        if (direct != null) {
            return Optional.of(direct);
        }
        String header =
                Optional.ofNullable(context.req().getHeader("Authorization")).orElse("");
        String[] words = header.split(" ", 2);
        if (words.length < 2) {
            return Optional.empty();
        }
        return switch (words[0].toLowerCase(Locale.ROOT)) {
            case "bearer" -> Optional.of(words[1].trim());
            case "basic" -> password(words[1].trim());
            default -> Optional.empty();
        };
    }

    private static Optional<String> password(String basic) {
        try {
            String pair = new String(Base64.getDecoder().decode(basic), StandardCharsets.UTF_8);
            return Optional.of(pair.substring(pair.indexOf(':') + 1));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
