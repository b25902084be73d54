package io.latent4j.hub;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Behaves as the hub does, on this machine: one server with a repository, and another one for large files. */
public final class FakeHub implements AutoCloseable {
    static final String COMMIT = "0123456789abcdef0123456789abcdef01234567";

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final HttpServer hub;
    private final HttpServer store;
    private final Map<String, byte[]> files = new ConcurrentSkipListMap<>();
    private final Map<String, String> wrongHashes = new ConcurrentHashMap<>();

    /** Method, path, range and authorization of every request, of the hub or of the store. */
    public final List<String> asked = Collections.synchronizedList(new ArrayList<>());

    /** As whom each request went through a proxy, which this is if it is used as one. */
    final List<String> proxyUsers = Collections.synchronizedList(new ArrayList<>());

    final List<String> askedOfStore = Collections.synchronizedList(new ArrayList<>());

    /** Answers to give before the real ones. */
    private final List<Refusal> refusals = Collections.synchronizedList(new ArrayList<>());

    /** After how many bytes each of the next downloads is cut. */
    final List<Integer> cuts = Collections.synchronizedList(new ArrayList<>());

    private record Refusal(int status, String header, String value) {}

    private final String repository;
    private boolean ignoresRanges;
    private boolean redirectsForEver;

    FakeHub() throws IOException {
        this("owner/name");
    }

    /** Begins to answer; has one repository, without files. */
    public FakeHub(String repository) throws IOException {
        this.repository = repository;
        hub = server(this::answer);
        store = server(this::store);
    }

    private HttpServer server(com.sun.net.httpserver.HttpHandler handler) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            try (exchange) {
                handler.handle(exchange);
            }
        });
        server.setExecutor(threads);
        server.start();
        return server;
    }

    /** The address that {@code HF_ENDPOINT} takes. */
    public URI endpoint() {
        return URI.create("http://localhost:" + hub.getAddress().getPort());
    }

    FakeHub with(String file, String text) {
        files.put(file, text.getBytes(StandardCharsets.UTF_8));
        return this;
    }

    /** Adds a file. */
    public FakeHub with(String file, byte... bytes) {
        files.put(file, bytes);
        return this;
    }

    FakeHub withWrongHash(String file) {
        wrongHashes.put(file, "0".repeat(64));
        return this;
    }

    FakeHub refusing(int status, String header, String value) {
        refusals.add(new Refusal(status, header, value));
        return this;
    }

    /** Sends whole files, whatever part is asked for. */
    FakeHub ignoringRanges() {
        ignoresRanges = true;
        return this;
    }

    /** Sends each file's address back to itself. */
    FakeHub redirectingForEver() {
        redirectsForEver = true;
        return this;
    }

    static String sha256(byte[] bytes) {
        return digest("SHA-256", bytes);
    }

    private static String digest(String name, byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance(name).digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String gitHash(byte[] bytes) {
        byte[] start = ("blob " + bytes.length + "\0").getBytes(StandardCharsets.US_ASCII);
        byte[] both = new byte[start.length + bytes.length];
        System.arraycopy(start, 0, both, 0, start.length);
        System.arraycopy(bytes, 0, both, start.length, bytes.length);
        return digest("SHA-1", both);
    }

    private static String line(HttpExchange exchange) {
        return exchange.getRequestMethod() + " " + exchange.getRequestURI().getPath() + " "
                + Optional.ofNullable(exchange.getRequestHeaders().getFirst("Range"))
                        .orElse("-")
                + " "
                + Optional.ofNullable(exchange.getRequestHeaders().getFirst("Authorization"))
                        .orElse("-");
    }

    private void answer(HttpExchange exchange) throws IOException {
        asked.add(line(exchange));
        Optional.ofNullable(exchange.getRequestHeaders().getFirst("Proxy-Authorization"))
                .ifPresent(proxyUsers::add);
        if (!refusals.isEmpty()) {
            Refusal refusal = refusals.remove(0);
            exchange.getResponseHeaders().set(refusal.header(), refusal.value());
            exchange.sendResponseHeaders(refusal.status(), -1);
            return;
        }
        String path = exchange.getRequestURI().getPath();
        if (path.equals("/api/models/" + repository + "/revision/main")) {
            list(exchange);
            return;
        }
        String prefix = "/" + repository + "/resolve/" + COMMIT + "/";
        if (redirectsForEver && path.startsWith(prefix)) {
            exchange.getResponseHeaders().set("Location", path);
            exchange.sendResponseHeaders(307, -1);
            return;
        }
        byte[] bytes = path.startsWith(prefix) ? files.get(path.substring(prefix.length())) : null;
        if (bytes == null) {
            exchange.getResponseHeaders().set("X-Error-Code", "EntryNotFound");
            exchange.sendResponseHeaders(404, -1);
            return;
        }
        String file = path.substring(prefix.length());
        exchange.getResponseHeaders().set("X-Repo-Commit", COMMIT);
        if (isLarge(file)) {
            exchange.getResponseHeaders()
                    .set("X-Linked-Etag", '"' + wrongHashes.getOrDefault(file, sha256(bytes)) + '"');
            exchange.getResponseHeaders().set("X-Linked-Size", "" + bytes.length);
            exchange.getResponseHeaders()
                    .set("Location", "http://127.0.0.1:" + store.getAddress().getPort() + "/" + file);
            exchange.sendResponseHeaders(302, -1);
            return;
        }
        exchange.getResponseHeaders().set("ETag", "W/\"" + gitHash(bytes) + '"');
        send(exchange, bytes);
    }

    private static boolean isLarge(String file) {
        return file.endsWith(".safetensors") || file.endsWith(".bin");
    }

    private void list(HttpExchange exchange) throws IOException {
        StringBuilder json = new StringBuilder("{\"sha\": \"" + COMMIT + "\", \"siblings\": [");
        files.keySet()
                .forEach(file -> json.append(json.toString().endsWith("[") ? "" : ", ")
                        .append("{\"rfilename\": \"")
                        .append(file)
                        .append("\"}"));
        send(exchange, (json + "]}").getBytes(StandardCharsets.UTF_8));
    }

    private void store(HttpExchange exchange) throws IOException {
        askedOfStore.add(line(exchange));
        send(exchange, files.get(exchange.getRequestURI().getPath().substring(1)));
    }

    private void send(HttpExchange exchange, byte[] bytes) throws IOException {
        if (exchange.getRequestMethod().equals("HEAD")) {
            exchange.getResponseHeaders().set("Content-Length", "" + bytes.length);
            exchange.sendResponseHeaders(200, -1);
            return;
        }
        String range = exchange.getRequestHeaders().getFirst("Range");
        int from = range == null || ignoresRanges ? 0 : Integer.parseInt(range.replaceAll("bytes=(\\d+)-", "$1"));
        if (from > 0) {
            exchange.getResponseHeaders()
                    .set("Content-Range", "bytes " + from + "-" + (bytes.length - 1) + "/" + bytes.length);
        }
        int length = bytes.length - from;
        exchange.sendResponseHeaders(from > 0 ? 206 : 200, length == 0 ? -1 : length);
        int kept = isLarge(exchange.getRequestURI().getPath()) && !cuts.isEmpty() ? cuts.remove(0) : length;
        exchange.getResponseBody().write(bytes, from, Math.min(kept, length));
        exchange.getResponseBody().flush(); // closing before the end cuts the connection
    }

    @Override
    public void close() {
        hub.stop(0);
        store.stop(0);
        threads.shutdownNow();
    }
}
