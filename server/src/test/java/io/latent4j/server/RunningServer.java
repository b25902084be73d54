package io.latent4j.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.io.MoreFiles;
import com.google.common.io.RecursiveDeleteOption;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.latent4j.service.queue.QueueOptions;
import io.latent4j.service.registry.ModelRegistry;
import io.latent4j.service.store.MemoryJobStore;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** A server with the embedded model, one for each test, and a client of it. */
public final class RunningServer implements BeforeEachCallback, AfterEachCallback {
    private final HttpClient http = HttpClient.newHttpClient();
    private final ServerOptions options;
    private final QueueOptions queue;
    private ModelRegistry registry;
    private MemoryJobStore store;
    private Path data;
    private Server server;

    /** As it is started without options. */
    public RunningServer() {
        this(ServerOptions.LOCAL);
    }

    /** @param options its port is a free one */
    public RunningServer(ServerOptions options) {
        this(options, QueueOptions.DEFAULT);
    }

    /** @param options its port is a free one */
    public RunningServer(ServerOptions options, QueueOptions queue) {
        this.options = options;
        this.queue = queue;
    }

    @Override
    public void beforeEach(ExtensionContext context) throws IOException {
        data = Files.createTempDirectory("latent4j-server");
        registry = new ModelRegistry();
        store = new MemoryJobStore();
        server = started(options);
    }

    private Server started(ServerOptions options) throws IOException {
        return Server.start(options.withPort(0), registry, store, queue, data.resolve("served"));
    }

    @Override
    public void afterEach(ExtensionContext context) throws IOException {
        server.close();
        registry.close();
        MoreFiles.deleteRecursively(data, RecursiveDeleteOption.ALLOW_INSECURE);
    }

    /** Starts it again with other options, with the jobs that it had. */
    public void restart(ServerOptions options) throws IOException {
        server.close();
        server = started(options);
    }

    /** Of its models. */
    public ModelRegistry registry() {
        return registry;
    }

    /** Of its jobs. */
    public MemoryJobStore store() {
        return store;
    }

    /** A folder for files of the test, which is deleted after it. */
    public Path folder() {
        return data;
    }

    /** Where it is. */
    public URI uri() {
        return server.uri();
    }

    /** What asks it. */
    public HttpClient http() {
        return http;
    }

    /** A request to a path. */
    public HttpRequest.Builder to(String path) {
        return HttpRequest.newBuilder(uri().resolve(path));
    }

    /** Sends a request. */
    public HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    /** The bytes that are answered to a request, which must go well. */
    public byte[] bytes(HttpRequest.Builder request) throws IOException, InterruptedException {
        HttpResponse<byte[]> answer = http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
        assertThat(answer.statusCode())
                .as(new String(answer.body(), StandardCharsets.UTF_8))
                .isEqualTo(200);
        return answer.body();
    }

    /** Sends a text to a path. */
    public HttpResponse<String> post(String path, String body) throws IOException, InterruptedException {
        return send(
                to(path).header("Content-Type", "application/json").POST(HttpRequest.BodyPublishers.ofString(body)));
    }

    /** The JSON that is answered to a text, which must go well. */
    public JsonObject made(String path, String body) throws IOException, InterruptedException {
        return json(post(path, body)).getAsJsonObject();
    }

    /** The JSON at a path. */
    public JsonElement get(String path) throws IOException, InterruptedException {
        return json(send(to(path)));
    }

    /** The JSON of an answer, which must be a good one. */
    public static JsonElement json(HttpResponse<String> answer) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return JsonParser.parseString(answer.body());
    }
}
