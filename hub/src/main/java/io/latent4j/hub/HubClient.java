package io.latent4j.hub;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Redirect;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Asks the hub. The token goes to the endpoint's own address and to no other: redirects are followed here, step by step. A
 * busy or failing hub is asked again, after as long as it says.
 */
final class HubClient {
    private static final int MOST_TRIES = 5;
    private static final int MOST_REDIRECTS = 8;
    private static final int MOST_JSON = 16 << 20;
    private static final Duration LONGEST_WAIT = Duration.ofMinutes(5);
    private static final Duration ANSWER_WITHIN = Duration.ofSeconds(60);
    private static final Set<Integer> REDIRECTS = Set.of(301, 302, 303, 307, 308);
    private static final Pattern ETAG = Pattern.compile("[0-9A-Za-z][0-9A-Za-z.-]{0,127}");

    private final HubSettings settings;
    private final DownloadListener listener;
    private final Pause pause;
    private final HttpClient http = HttpClient.newBuilder()
            .followRedirects(Redirect.NEVER)
            .connectTimeout(Duration.ofSeconds(15))
            .build();

    /** How to wait. */
    interface Pause {
        void wait(Duration time) throws InterruptedException;
    }

    /** What a repository holds at a commit. */
    record Listing(String commit, List<String> files) {}

    /**
     * What a file is.
     *
     * @param etag its SHA-256, or for small files the SHA-1 that git gives it
     */
    record FileFacts(String etag, OptionalLong size) {}

    HubClient(HubSettings settings, DownloadListener listener, Pause pause) {
        this.settings = settings;
        this.listener = listener;
        this.pause = pause;
    }

    /** Asks for the commit and the files of a revision. */
    Listing list(ModelId model) throws IOException, InterruptedException {
        URI uri = address("/api/models/" + model.repository() + "/revision/" + escaped(model.revision()));
        HttpResponse<InputStream> response = send(model, uri, "GET", 0);
        byte[] body;
        try (InputStream in = response.body()) {
            body = in.readNBytes(MOST_JSON + 1);
        }
        if (body.length > MOST_JSON) {
            throw unexpected(model, "a listing of more than " + MOST_JSON + " bytes", null);
        }
        try {
            JsonObject json = JsonParser.parseString(new String(body, StandardCharsets.UTF_8))
                    .getAsJsonObject();
            String commit = json.get("sha").getAsString();
            List<String> files = new ArrayList<>();
            for (JsonElement sibling : json.getAsJsonArray("siblings")) {
                files.add(sibling.getAsJsonObject().get("rfilename").getAsString());
            }
            if (!HubCache.isCommit(commit)) {
                throw unexpected(model, "\"" + commit + "\" as a commit", null);
            }
            return new Listing(commit, List.copyOf(files));
        } catch (JsonParseException | IllegalStateException | NullPointerException | UnsupportedOperationException e) {
            throw unexpected(model, "a listing that is none", e);
        }
    }

    /** Asks what a file is, without its bytes. */
    FileFacts facts(ModelId model, String commit, String file) throws IOException, InterruptedException {
        URI uri = fileAddress(model, commit, file);
        for (int i = 0; i < MOST_REDIRECTS; i++) {
            HttpResponse<InputStream> response = send(model, uri, "HEAD", 0);
            response.body().close();
            boolean linked = response.headers().firstValue("X-Linked-Etag").isPresent();
            if (linked || !REDIRECTS.contains(response.statusCode())) {
                String etag = response.headers()
                        .firstValue("X-Linked-Etag")
                        .or(() -> response.headers().firstValue("ETag"))
                        .orElse("")
                        .replaceFirst("^W/", "")
                        .replace("\"", "");
                if (!ETAG.matcher(etag).matches()) { // it becomes a file's name
                    throw unexpected(model, "\"" + etag + "\" as the ETag of " + file, null);
                }
                OptionalLong size = response.headers().firstValueAsLong("X-Linked-Size");
                return new FileFacts(
                        etag,
                        size.isPresent() || linked ? size : response.headers().firstValueAsLong("Content-Length"));
            }
            uri = redirected(model, uri, response.headers().firstValue("Location"));
        }
        throw unexpected(model, "more than " + MOST_REDIRECTS + " redirects for " + file, null);
    }

    /** Opens a file's bytes from {@code offset} on: status 206, or 200 where they begin at 0 all the same. */
    HttpResponse<InputStream> open(ModelId model, String commit, String file, long offset)
            throws IOException, InterruptedException {
        URI uri = fileAddress(model, commit, file);
        for (int i = 0; i < MOST_REDIRECTS; i++) {
            HttpResponse<InputStream> response = send(model, uri, "GET", offset);
            if (!REDIRECTS.contains(response.statusCode())) {
                return response;
            }
            response.body().close();
            uri = redirected(model, uri, response.headers().firstValue("Location"));
        }
        throw unexpected(model, "more than " + MOST_REDIRECTS + " redirects for " + file, null);
    }

    /** Where a redirect leads; never from an encrypted connection to one that is not. */
    static URI redirected(ModelId model, URI from, Optional<String> location) throws IOException {
        if (location.isEmpty()) {
            throw unexpected(model, "a redirect to nowhere", null);
        }
        URI to;
        try {
            to = from.resolve(new URI(location.get()));
        } catch (URISyntaxException e) {
            throw unexpected(model, "a redirect to \"" + location.get() + "\"", e);
        }
        boolean weaker = "https".equals(from.getScheme()) && !"https".equals(to.getScheme());
        if (weaker || to.getHost() == null) {
            throw unexpected(model, "a redirect to " + to.getScheme() + "://" + to.getHost(), null);
        }
        return to;
    }

    private URI fileAddress(ModelId model, String commit, String file) {
        return address("/" + model.repository() + "/resolve/" + commit + "/" + String.join("/", escapedParts(file)));
    }

    private static List<String> escapedParts(String file) {
        return List.of(file.split("/", -1)).stream().map(HubClient::escaped).toList();
    }

    private static String escaped(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private URI address(String path) {
        return URI.create(settings.endpoint() + path);
    }

    /** An answer that is good or a redirect; all others become an error, some after other tries. */
    private HttpResponse<InputStream> send(ModelId model, URI uri, String method, long offset)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri)
                .timeout(ANSWER_WITHIN)
                .header("User-Agent", "latent4j")
                .method(method, HttpRequest.BodyPublishers.noBody());
        if (offset > 0) {
            request.header("Range", "bytes=" + offset + "-");
        }
        if (isHub(uri)) {
            settings.token().ifPresent(token -> request.header("Authorization", "Bearer " + token));
        }
        for (int attempt = 1; ; attempt++) {
            HttpResponse<InputStream> response;
            try {
                response = http.send(request.build(), BodyHandlers.ofInputStream());
            } catch (IOException e) {
                if (attempt >= MOST_TRIES) {
                    throw new HubUnreachable(model, uri.getHost(), e);
                }
                pause.wait(backOff(attempt));
                continue;
            }
            int status = response.statusCode();
            if (status < 400 && (status < 300 || REDIRECTS.contains(status))) {
                return response;
            }
            response.body().close();
            boolean busy = status == 429 || status >= 500;
            if (!busy || attempt >= MOST_TRIES) {
                throw refused(model, uri, response);
            }
            Duration wait = retryAfter(response, attempt);
            listener.note(uri.getHost() + " answers " + status + "; trying again in " + wait.toSeconds() + " s");
            pause.wait(wait);
        }
    }

    /** The same scheme, host and port as the endpoint's. */
    private boolean isHub(URI uri) {
        return Objects.equals(uri.getScheme(), settings.endpoint().getScheme())
                && Objects.equals(uri.getHost(), settings.endpoint().getHost())
                && uri.getPort() == settings.endpoint().getPort();
    }

    static Duration backOff(int attempt) {
        return Duration.ofSeconds(1L << (attempt - 1));
    }

    /** Retry-After in seconds; a date is rarer than it is worth. */
    private static Duration retryAfter(HttpResponse<?> response, int attempt) {
        Duration wait = response.headers()
                .firstValue("Retry-After")
                .filter(value -> value.matches("\\d{1,6}"))
                .map(value -> Duration.ofSeconds(Long.parseLong(value)))
                .orElse(backOff(attempt));
        return wait.compareTo(LONGEST_WAIT) > 0 ? LONGEST_WAIT : wait;
    }

    private IOException refused(ModelId model, URI uri, HttpResponse<?> response) {
        int status = response.statusCode();
        String code = response.headers().firstValue("X-Error-Code").orElse("");
        String page = settings.endpoint() + "/" + model.repository();
        if (code.equals("GatedRepo") || status == 403) {
            return new IOException(model + ": is gated: accept its licence at " + page
                    + " with your account, and set HF_TOKEN to a token of that account");
        }
        if (code.equals("RevisionNotFound")) {
            return new IOException(model + ": has no revision " + model.revision()
                    + "; expected a branch, tag or commit" + " of " + page);
        }
        if (code.equals("EntryNotFound")) {
            return new IOException(model + ": has no file at " + uri.getPath() + "; see " + page + "/tree/main");
        }
        if (status == 401 || status == 404) {
            return new IOException(model + ": there is no such model for you at " + settings.endpoint() + "; "
                    + (settings.token().isPresent()
                            ? "check the name, and that HF_TOKEN is valid and may read it"
                            : "check the name; if it is private or gated, set HF_TOKEN to a token that may read it"));
        }
        if (status == 429) {
            return new IOException(model + ": " + uri.getHost()
                    + " is asked too often; try again in some minutes, or set HF_TOKEN for a higher limit");
        }
        return new IOException(model + ": " + uri.getHost() + " answers " + status + "; try again later");
    }

    private static IOException unexpected(ModelId model, String what, Exception cause) {
        return new IOException(
                model + ": the hub answers " + what + "; expected a model's files; check HF_ENDPOINT", cause);
    }
}
