package io.latent4j.hub;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.latent4j.hub.HubException.Reason;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.ConnectException;
import java.net.ProtocolException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Redirect;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.channels.UnresolvedAddressException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.Flow;
import javax.net.ssl.SSLException;

/**
 * Asks the hub. The token goes to the endpoint's own address and to no other: redirects are followed here, step by step. A
 * busy or failing hub is asked again, after as long as it says; one that was never reached is not.
 */
final class HubClient {
    private static final int MOST_TRIES = 5;
    private static final int MOST_REDIRECTS = 8;
    private static final int MOST_JSON = 16 << 20;
    static final int MOST_FILES = 100_000;
    private static final int MOST_SHOWN = 200;
    private static final int HIGHEST_PORT = 65535;
    private static final Duration LONGEST_WAIT = Duration.ofMinutes(2);
    private static final Set<Integer> REDIRECTS = Set.of(301, 302, 303, 307, 308);
    private static final int RANGE_NOT_SATISFIABLE = 416;
    private static final int PROXY_ASKS_FOR_USER = 407;

    /** Which ways of naming a user the HTTP client does not use for {@code https}; Basic, as it is shipped. */
    private static final String NOT_IN_TUNNELS = "jdk.http.auth.tunneling.disabledSchemes";

    private final HubSettings settings;
    private final DownloadListener listener;
    private final Pause pause;
    private final HubTimes times;
    private final HttpClient http;
    private volatile boolean answered;

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

    /** An answer, of which the headers are here; closing it gives the rest up. */
    record Answer(int status, HttpHeaders headers, Body body) implements AutoCloseable {
        @Override
        public void close() {
            body.close();
        }
    }

    HubClient(HubSettings settings, DownloadListener listener, Pause pause, HubTimes times) {
        this.settings = settings;
        this.listener = listener;
        this.pause = pause;
        this.times = times;
        if (settings.proxies().nameUser() && System.getProperty(NOT_IN_TUNNELS) == null) {
            System.setProperty(NOT_IN_TUNNELS, ""); // read once, by the first client
        }
        this.http = HttpClient.newBuilder()
                .followRedirects(Redirect.NEVER)
                .connectTimeout(times.connect())
                .proxy(settings.proxies().selector())
                .build();
    }

    /**
     * Asks for the commit and the files of a revision.
     *
     * @param quickly whether to ask once and not wait long, as there is an answer in the cache
     */
    Listing list(ModelId model, boolean quickly) throws HubException, InterruptedException {
        URI uri = address("/api/models/" + model.repository() + "/revision/" + escaped(model.revision()));
        byte[] body;
        try (Answer answer = send(model, uri, "GET", 0, quickly)) {
            if (REDIRECTS.contains(answer.status())) {
                throw HubException.wrongAnswer(
                        model,
                        "a redirect to "
                                + shown(answer.headers().firstValue("Location").orElse("nowhere"))
                                + " instead of a listing",
                        null);
            }
            body = listing(model, answer.body());
        }
        try {
            return listing(model, JsonParser.parseString(new String(body, StandardCharsets.UTF_8)));
        } catch (JsonParseException e) {
            throw HubException.wrongAnswer(model, "a listing that is no JSON", e);
        }
    }

    private byte[] listing(ModelId model, Body body) throws HubException, InterruptedException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        long start = System.nanoTime();
        while (true) {
            Duration left = times.listing().minusNanos(System.nanoTime() - start);
            if (left.isNegative()) {
                throw new HubException(
                        Reason.CUT,
                        model + ": the listing is not complete after "
                                + times.listing().toSeconds() + " s (bytes received: " + all.size()
                                + "); try again later");
            }
            Duration stall = left.compareTo(times.stall()) < 0 ? left : times.stall();
            Optional<List<ByteBuffer>> bytes;
            try {
                bytes = body.next(
                        stall, times.notice(), () -> listener.note(model + ": waiting for the hub's listing"));
            } catch (SocketTimeoutException e) {
                if (stall.compareTo(times.stall()) < 0) {
                    continue; // the time for the whole is over
                }
                throw brokenOff(model, all.size(), e);
            } catch (IOException e) {
                throw brokenOff(model, all.size(), e);
            }
            if (bytes.isEmpty()) {
                return all.toByteArray();
            }
            for (ByteBuffer buffer : bytes.get()) {
                byte[] some = new byte[buffer.remaining()];
                buffer.get(some);
                all.write(some, 0, some.length);
            }
            if (all.size() > MOST_JSON) {
                throw HubException.wrongAnswer(model, "a listing of more than " + MOST_JSON + " bytes", null);
            }
        }
    }

    private static HubException brokenOff(ModelId model, int bytes, IOException e) {
        return new HubException(
                Reason.CUT,
                model + ": the listing breaks off after " + bytes + (bytes == 1 ? " byte (" : " bytes (")
                        + HubException.text(e)
                        + "); try again later",
                e);
    }

    /** What a listing says, {@code {"sha": "…", "siblings": [{"rfilename": "…"}, …]}}. */
    static Listing listing(ModelId model, JsonElement json) throws HubException {
        Optional<JsonObject> root = object(json);
        Optional<String> commit = root.flatMap(found -> text(found.get("sha")));
        if (commit.isEmpty() || !HubCache.isCommit(commit.get())) {
            throw HubException.wrongAnswer(
                    model, "\"" + shown(commit.orElse("nothing")) + "\" as a commit (sha)", null);
        }
        JsonElement siblings = root.get().get("siblings");
        if (siblings == null || !siblings.isJsonArray()) {
            throw HubException.wrongAnswer(model, "a listing without a list of files (siblings)", null);
        }
        if (siblings.getAsJsonArray().size() > MOST_FILES) {
            throw HubException.wrongAnswer(
                    model,
                    "a listing of " + siblings.getAsJsonArray().size() + " files, where at most " + MOST_FILES
                            + " are read",
                    null);
        }
        List<String> files = new ArrayList<>();
        for (JsonElement sibling : siblings.getAsJsonArray()) {
            files.add(object(sibling)
                    .flatMap(file -> text(file.get("rfilename")))
                    .orElseThrow(() -> HubException.wrongAnswer(
                            model, "a file without a name (rfilename): " + shown(sibling.toString()), null)));
        }
        return new Listing(commit.get(), List.copyOf(files));
    }

    private static Optional<JsonObject> object(JsonElement json) {
        return Optional.ofNullable(json).filter(JsonElement::isJsonObject).map(JsonElement::getAsJsonObject);
    }

    private static Optional<String> text(JsonElement json) {
        return Optional.ofNullable(json)
                .filter(value ->
                        value.isJsonPrimitive() && value.getAsJsonPrimitive().isString())
                .map(JsonElement::getAsString);
    }

    private static String shown(String text) {
        return text.length() > MOST_SHOWN ? text.substring(0, MOST_SHOWN) + "…" : text;
    }

    /** Asks what a file is, without its bytes. */
    FileFacts facts(ModelId model, String commit, String file) throws HubException, InterruptedException {
        URI uri = fileAddress(model, commit, file);
        for (int i = 0; i < MOST_REDIRECTS; i++) {
            HttpHeaders headers;
            int status;
            try (Answer answer = send(model, uri, "HEAD", 0, false)) {
                headers = answer.headers();
                status = answer.status();
            }
            boolean linked = headers.firstValue("X-Linked-Etag").isPresent();
            if (linked || !REDIRECTS.contains(status)) {
                return facts(model, file, headers, linked);
            }
            uri = redirected(model, uri, headers.firstValue("Location"));
        }
        throw HubException.wrongAnswer(model, "more than " + MOST_REDIRECTS + " redirects for " + file, null);
    }

    /** @param linked whether the file is elsewhere, and the answer's own length is not the file's */
    static FileFacts facts(ModelId model, String file, HttpHeaders headers, boolean linked) throws HubException {
        String etag = headers.firstValue("X-Linked-Etag")
                .or(() -> headers.firstValue("ETag"))
                .orElse("")
                .replaceFirst("^W/", "")
                .replace("\"", "");
        if (!FilePath.isEtag(etag)) { // it becomes a file's name
            throw HubException.wrongAnswer(model, "\"" + shown(etag) + "\" as the ETag of " + file, null);
        }
        OptionalLong size = number(model, file, headers, "X-Linked-Size");
        return new FileFacts(etag, size.isPresent() || linked ? size : number(model, file, headers, "Content-Length"));
    }

    /** A size in a header. */
    static OptionalLong number(ModelId model, String file, HttpHeaders headers, String name) throws HubException {
        Optional<String> text = headers.firstValue(name).map(String::strip);
        if (text.isEmpty()) {
            return OptionalLong.empty();
        }
        if (!text.get().matches("\\d{1,18}")) {
            throw HubException.wrongAnswer(
                    model,
                    "\"" + shown(text.get()) + "\" as the size of " + file + " (" + name
                            + "), which is no number of bytes",
                    null);
        }
        return OptionalLong.of(Long.parseLong(text.get()));
    }

    /** Opens a file's bytes from {@code offset} on: status 206, or 200 where they begin at 0, or 416 where none are left. */
    Answer open(ModelId model, String commit, String file, long offset) throws HubException, InterruptedException {
        URI uri = fileAddress(model, commit, file);
        for (int i = 0; i < MOST_REDIRECTS; i++) {
            Answer answer = send(model, uri, "GET", offset, false);
            if (!REDIRECTS.contains(answer.status())) {
                return answer;
            }
            answer.close();
            uri = redirected(model, uri, answer.headers().firstValue("Location"));
        }
        throw HubException.wrongAnswer(model, "more than " + MOST_REDIRECTS + " redirects for " + file, null);
    }

    /** Where a redirect leads; never from an encrypted connection to one that is not. */
    static URI redirected(ModelId model, URI from, Optional<String> location) throws HubException {
        if (location.isEmpty()) {
            throw HubException.wrongAnswer(model, "a redirect to nowhere", null);
        }
        URI to;
        try {
            to = from.resolve(new URI(location.get()));
        } catch (URISyntaxException e) {
            throw HubException.wrongAnswer(model, "a redirect to \"" + shown(location.get()) + "\"", e);
        }
        boolean weaker = "https".equals(from.getScheme()) && !"https".equals(to.getScheme());
        boolean other = !Set.of("http", "https").contains(String.valueOf(to.getScheme()));
        if (weaker || other || to.getHost() == null || to.getPort() > HIGHEST_PORT) {
            throw HubException.wrongAnswer(
                    model,
                    "a redirect to " + to.getScheme() + "://" + to.getHost()
                            + (to.getPort() >= 0 ? ":" + to.getPort() : ""),
                    null);
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
    private Answer send(ModelId model, URI uri, String method, long offset, boolean quickly)
            throws HubException, InterruptedException {
        HttpRequest request = request(uri, method, offset, quickly ? times.quickAnswer() : times.answer());
        int most = quickly ? 1 : MOST_TRIES;
        for (int attempt = 1; ; attempt++) {
            HttpResponse<Flow.Publisher<List<ByteBuffer>>> response;
            try {
                response = http.send(request, BodyHandlers.ofPublisher());
            } catch (ProtocolException | IllegalArgumentException e) { // the latter for lengths that are no numbers
                throw HubException.wrongAnswer(model, "what is no HTTP (" + shown(HubException.text(e)) + ")", e);
            } catch (IOException e) {
                boolean nobody = !answered && isNobody(e);
                if (nobody || attempt >= most) {
                    throw unreachable(model, uri, e);
                }
                pause.wait(backOff(attempt));
                continue;
            }
            answered = true;
            Answer answer = new Answer(response.statusCode(), response.headers(), Body.of(response.body()));
            int status = answer.status();
            boolean good = (status >= 200 && status < 300) || REDIRECTS.contains(status);
            if (good || (status == RANGE_NOT_SATISFIABLE && offset > 0)) {
                return answer;
            }
            answer.close();
            boolean busy = status == 429 || status >= 500;
            if (!busy || attempt >= most) {
                throw refused(model, uri, answer);
            }
            Duration wait = retryAfter(answer.headers(), attempt);
            listener.note(uri.getHost() + " answers " + status + "; trying again in " + wait.toSeconds() + " s");
            pause.wait(wait);
        }
    }

    private HttpRequest request(URI uri, String method, long offset, Duration within) {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri)
                .timeout(within)
                .header("User-Agent", "latent4j")
                .method(method, HttpRequest.BodyPublishers.noBody());
        if (offset > 0) {
            request.header("Range", "bytes=" + offset + "-");
        }
        if (isHub(uri)) {
            settings.token().ifPresent(token -> request.header("Authorization", "Bearer " + token));
        }
        settings.proxies()
                .authorization(uri)
                .ifPresent(authorization -> request.header("Proxy-Authorization", authorization));
        return request.build();
    }

    /** Whether nothing answers at the address, which another try does not change. */
    private static boolean isNobody(IOException e) {
        return e instanceof ConnectException || e instanceof HttpConnectTimeoutException || e instanceof SSLException;
    }

    private HubException unreachable(ModelId model, URI uri, IOException e) {
        String why = isUnresolved(e) ? "its name is not known" : HubException.text(e);
        String through = settings.proxies()
                .of(uri)
                .map(proxy -> " through the proxy " + proxy)
                .orElse("");
        return new HubException(
                Reason.UNREACHABLE,
                model + ": " + uri.getHost() + " cannot be reached" + through + " (" + why + "); check the network and "
                        + (through.isEmpty() ? "HF_ENDPOINT" : "HTTPS_PROXY"),
                e);
    }

    private static boolean isUnresolved(Throwable e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof UnresolvedAddressException) {
                return true;
            }
        }
        return false;
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
    private static Duration retryAfter(HttpHeaders headers, int attempt) {
        Duration wait = headers.firstValue("Retry-After")
                .filter(value -> value.matches("\\d{1,6}"))
                .map(value -> Duration.ofSeconds(Long.parseLong(value)))
                .orElse(backOff(attempt));
        return wait.compareTo(LONGEST_WAIT) > 0 ? LONGEST_WAIT : wait;
    }

    private HubException refused(ModelId model, URI uri, Answer answer) {
        int status = answer.status();
        String code = answer.headers().firstValue("X-Error-Code").orElse("");
        String page = settings.endpoint() + "/" + model.repository();
        if (status == PROXY_ASKS_FOR_USER) {
            return new HubException(
                    Reason.REFUSED,
                    model + ": the proxy "
                            + settings.proxies()
                                    .of(uri)
                                    .map(Proxies.Server::toString)
                                    .orElse("")
                            + " asks for a user; set HTTPS_PROXY to http://user:password@host:port");
        }
        if (code.equals("GatedRepo") || status == 403) {
            return new HubException(
                    Reason.REFUSED,
                    model + ": is gated: accept its licence at " + page
                            + " with your account, and set HF_TOKEN to a token of that account");
        }
        if (code.equals("RevisionNotFound")) {
            return new HubException(
                    Reason.REFUSED,
                    model + ": has no revision " + model.revision() + "; expected a branch, tag or commit of " + page);
        }
        if (code.equals("EntryNotFound")) {
            return new HubException(
                    Reason.REFUSED, model + ": has no file at " + uri.getPath() + "; see " + page + "/tree/main");
        }
        if (status == 401 || status == 404) {
            return new HubException(
                    Reason.REFUSED,
                    model + ": there is no such model for you at " + settings.endpoint() + "; "
                            + (settings.token().isPresent()
                                    ? "check the name, and that HF_TOKEN is valid and may read it"
                                    : "check the name; if it is private or gated, set HF_TOKEN to a token that may read"
                                            + " it"));
        }
        if (status == 429) {
            return new HubException(
                    Reason.BUSY,
                    model + ": " + uri.getHost()
                            + " is asked too often; try again in some minutes, or set HF_TOKEN for a higher limit");
        }
        return new HubException(
                status >= 500 ? Reason.BUSY : Reason.REFUSED,
                model + ": " + uri.getHost() + " answers " + status + "; try again later");
    }
}
