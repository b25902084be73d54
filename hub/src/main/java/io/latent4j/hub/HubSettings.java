package io.latent4j.hub;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Where the hub is and where its files are kept.
 *
 * @param endpoint the hub's address
 * @param cache the folder that other tools share
 * @param token says who asks; sent to the endpoint's host and to no other
 * @param offline whether to use the cache alone
 * @param proxies through which the hub is reached
 */
public record HubSettings(URI endpoint, Path cache, Optional<String> token, boolean offline, Proxies proxies) {
    private static final Set<String> TRUE = Set.of("1", "true", "yes", "on");
    private static final int HIGHEST_PORT = 65535;

    /** Servers take headers of 8 KB together. */
    private static final int MOST_OF_TOKEN = 8000;

    /** @throws IllegalArgumentException if the endpoint is no address, or the token none */
    public HubSettings {
        boolean isAddress = endpoint.getHost() != null
                && Set.of("http", "https").contains(String.valueOf(endpoint.getScheme()))
                && endpoint.getPort() <= HIGHEST_PORT
                && endpoint.getRawQuery() == null
                && endpoint.getRawFragment() == null
                && endpoint.getRawUserInfo() == null;
        if (!isAddress) {
            throw noAddress(endpoint.toString());
        }
        token.filter(text -> !text.matches("[\\x21-\\x7e]+")).ifPresent(text -> {
            throw new IllegalArgumentException("the token holds characters that no token has; check HF_TOKEN");
        });
        token.filter(text -> text.length() > MOST_OF_TOKEN).ifPresent(text -> {
            throw new IllegalArgumentException("the token has " + text.length() + " characters; expected at most "
                    + MOST_OF_TOKEN + "; check HF_TOKEN");
        });
    }

    /** Without proxies other than Java's own settings name. */
    public HubSettings(URI endpoint, Path cache, Optional<String> token, boolean offline) {
        this(endpoint, cache, token, offline, Proxies.none());
    }

    /**
     * From {@code HF_ENDPOINT}, {@code HF_HOME}, {@code HF_HUB_CACHE} (or {@code HUGGINGFACE_HUB_CACHE}), {@code HF_TOKEN} or
     * the token's file ({@code HF_TOKEN_PATH}, {@code HF_HOME/token}), {@code HF_HUB_OFFLINE} (or {@code
     * TRANSFORMERS_OFFLINE}), {@code XDG_CACHE_HOME}, and the variables of {@link Proxies}, as other tools read them.
     *
     * @throws IOException if the token's file cannot be read
     * @throws IllegalArgumentException if a variable holds what it cannot hold, naming it
     */
    public static HubSettings fromEnvironment() throws IOException {
        return from(System.getenv(), Path.of(System.getProperty("user.home")));
    }

    static HubSettings from(Map<String, String> environment, Path user) throws IOException {
        Path caches = folder(environment, "XDG_CACHE_HOME", user).orElse(user.resolve(".cache"));
        Path home = folder(environment, "HF_HOME", user).orElse(caches.resolve("huggingface"));
        Path tokenFile = folder(environment, "HF_TOKEN_PATH", user).orElse(home.resolve("token"));
        Optional<String> token = text(environment, "HF_TOKEN").or(() -> text(environment, "HUGGING_FACE_HUB_TOKEN"));
        if (token.isEmpty() && Files.isRegularFile(tokenFile)) {
            token = token(tokenFile);
        }
        return new HubSettings(
                endpoint(text(environment, "HF_ENDPOINT").orElse("https://huggingface.co")),
                folder(environment, "HF_HUB_CACHE", user)
                        .or(() -> folder(environment, "HUGGINGFACE_HUB_CACHE", user))
                        .orElse(home.resolve("hub")),
                token,
                text(environment, "HF_HUB_OFFLINE")
                        .or(() -> text(environment, "TRANSFORMERS_OFFLINE"))
                        .map(value -> TRUE.contains(value.toLowerCase(Locale.ROOT)))
                        .orElse(false),
                Proxies.from(environment));
    }

    private static Optional<String> token(Path file) throws IOException {
        byte[] bytes;
        try (InputStream in = Files.newInputStream(file)) {
            bytes = in.readNBytes(MOST_OF_TOKEN + 1);
        }
        if (bytes.length > MOST_OF_TOKEN) {
            throw new IOException(file + ": has more than " + MOST_OF_TOKEN
                    + " bytes; expected a token of the hub in one" + " line; write it there again, or set HF_TOKEN");
        }
        return Optional.of(new String(bytes, StandardCharsets.UTF_8).strip()).filter(value -> !value.isEmpty());
    }

    private static URI endpoint(String text) {
        try {
            return new URI(text.replaceAll("/+$", ""));
        } catch (URISyntaxException e) {
            throw noAddress(text);
        }
    }

    private static IllegalArgumentException noAddress(String text) {
        return new IllegalArgumentException(
                "HF_ENDPOINT is " + text + "; expected an address such as https://huggingface.co");
    }

    private static Optional<String> text(Map<String, String> environment, String name) {
        return Optional.ofNullable(environment.get(name)).map(String::strip).filter(value -> !value.isEmpty());
    }

    private static Optional<Path> folder(Map<String, String> environment, String name, Path user) {
        try {
            return text(environment, name)
                    .map(value -> value.startsWith("~/") ? user.resolve(value.substring(2)) : Path.of(value));
        } catch (InvalidPathException e) {
            throw new IllegalArgumentException(name + " is no path: " + e.getMessage(), e);
        }
    }

    /** Does not show the token. */
    @Override
    public String toString() {
        return endpoint + ", cache " + cache + (token.isPresent() ? ", with a token" : "")
                + (offline ? ", offline" : "");
    }
}
