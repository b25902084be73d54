package io.latent4j.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.util.concurrent.Uninterruptibles;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.latent4j.pipeline.request.GenerationRequest;
import io.latent4j.service.job.JobSpec;
import io.latent4j.service.queue.QueueOptions;
import io.latent4j.service.registry.ModelRegistry;
import io.latent4j.service.store.JobQuery;
import io.latent4j.service.store.JobState;
import io.latent4j.service.store.JobStore;
import io.latent4j.service.store.MemoryJobStore;
import io.latent4j.service.store.NewJob;
import io.latent4j.service.store.QueueBounds;
import io.latent4j.service.store.StoredJob;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What clients may do to each other. Jobs wait here: the first is held while it opens its model. */
final class FairnessTest {
    private static final String FIRST = "the-first-key-0123";
    private static final String SECOND = "the-second-key-0123";
    private static final String JOB = "{\"prompt\": \"a\", \"model\": \"held\", \"priority\": %d}";
    private static final String GRAPH = """
        {"prompt": {
          "1": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "held"}},
          "2": {"class_type": "CLIPTextEncode", "inputs": {"text": "a", "clip": ["1", 1]}},
          "3": {"class_type": "EmptyLatentImage", "inputs": {"width": 64, "height": 64, "batch_size": 1}},
          "4": {"class_type": "KSampler", "inputs": {"model": ["1", 0], "positive": ["2", 0],
            "negative": ["2", 0], "latent_image": ["3", 0], "seed": 7, "steps": 2, "cfg": 3,
            "sampler_name": "ddim", "scheduler": "normal", "denoise": 1}},
          "5": {"class_type": "VAEDecode", "inputs": {"samples": ["4", 0], "vae": ["1", 2]}},
          "6": {"class_type": "SaveImage", "inputs": {"images": ["5", 0], "filename_prefix": "a"}}},
         "prompt_id": "%s", "front": true}
        """;

    @TempDir
    private Path data;

    private final HttpClient http = HttpClient.newHttpClient();
    private final ModelRegistry registry = new ModelRegistry();
    private final MemoryJobStore store = new MemoryJobStore();
    private final CountDownLatch held = new CountDownLatch(1);
    private final CountDownLatch end = new CountDownLatch(1);
    private Optional<Server> server = Optional.empty();

    @BeforeEach
    void hold() {
        registry.addModel("held", () -> {
            held.countDown();
            Uninterruptibles.awaitUninterruptibly(end);
            throw new IOException("it is not opened");
        });
    }

    @AfterEach
    void stop() {
        end.countDown();
        server.ifPresent(Server::close);
        registry.close();
    }

    /** Starts a server whose clients have one of two keys. */
    private void start(ServerOptions options, JobStore jobs) throws IOException {
        server = Optional.of(Server.start(
                options.withKeys(List.of(FIRST, SECOND)).withPort(0),
                registry,
                jobs,
                QueueOptions.DEFAULT.withBounds(new QueueBounds(100, 20)),
                data));
    }

    private HttpResponse<String> send(String key, String path, HttpRequest.BodyPublisher body)
            throws IOException, InterruptedException {
        return http.send(
                HttpRequest.newBuilder(server.orElseThrow().uri().resolve(path))
                        .header("X-API-Key", key)
                        .method(body.contentLength() == 0 ? "GET" : "POST", body)
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private HttpResponse<String> post(String key, String path, String body) throws IOException, InterruptedException {
        return send(key, path, HttpRequest.BodyPublishers.ofString(body));
    }

    private HttpResponse<String> get(String key, String path) throws IOException, InterruptedException {
        return send(key, path, HttpRequest.BodyPublishers.noBody());
    }

    private static JsonObject json(HttpResponse<String> answer, int status) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        return JsonParser.parseString(answer.body()).getAsJsonObject();
    }

    private void holdTheFirst() throws Exception {
        json(post(FIRST, "/api/jobs", JOB.formatted(0)), 202);
        held.await();
    }

    private StoredJob newest() {
        return store.list(JobQuery.NEWEST).get(0);
    }

    @Test
    void putsJobsBeforeOthersForThoseAloneThatMay() throws Exception {
        start(ServerOptions.LOCAL.withKeys(List.of(FIRST, SECOND)).withPriorities(Set.of("key-2")), store);
        holdTheFirst();
        JsonObject refused = json(post(FIRST, "/api/jobs", JOB.formatted(100)), 202);
        assertThat(refused.get("priority").getAsInt()).isZero();
        assertThat(refused.getAsJsonArray("warnings").toString())
                .contains("priority is ignored")
                .contains("--allow-priority");
        JsonObject lowered = json(post(FIRST, "/api/jobs", JOB.formatted(-3)), 202);
        assertThat(lowered.get("priority").getAsInt()).isEqualTo(-3);
        assertThat(lowered.getAsJsonArray("warnings")).isEmpty();
        JsonObject allowed = json(post(SECOND, "/api/jobs", JOB.formatted(100)), 202);
        assertThat(allowed.get("priority").getAsInt()).isEqualTo(100);
        assertThat(allowed.getAsJsonArray("warnings")).isEmpty();
        assertThat(store.waiting().get(0)).isEqualTo(allowed.get("id").getAsString());
    }

    @Test
    void putsGraphsBeforeOthersForThoseAloneThatMay() throws Exception {
        start(ServerOptions.LOCAL.withKeys(List.of(FIRST, SECOND)).withPriorities(Set.of("key-2")), store);
        holdTheFirst();
        JsonArray warnings =
                json(post(FIRST, "/prompt", GRAPH.formatted("one")), 200).getAsJsonArray("warnings");
        assertThat(warnings.toString()).contains("front is ignored").contains("--allow-priority");
        assertThat(newest().priority()).isZero();
        assertThat(json(post(SECOND, "/prompt", GRAPH.formatted("two")), 200).has("warnings"))
                .isFalse();
        assertThat(newest().priority()).isEqualTo(1);
    }

    @Test
    void listensToSoManyStreamsOfOneClientAndNoMore() throws Exception {
        start(ServerOptions.LOCAL, store);
        holdTheFirst();
        String events = "/api/jobs/" + newest().id() + "/events";
        List<HttpResponse<InputStream>> streams = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            streams.add(listen(FIRST, events));
        }
        assertThat(streams).allMatch(stream -> stream.statusCode() == 200);
        HttpResponse<String> refused = get(FIRST, events);
        assertThat(json(refused, 429).getAsJsonObject("error").get("code").getAsString())
                .isEqualTo("too_many_streams");
        streams.add(listen(SECOND, events));
        assertThat(streams.get(50).statusCode()).isEqualTo(200);
        end.countDown(); // the job fails, and all streams end
        for (HttpResponse<InputStream> stream : streams) {
            stream.body().readAllBytes();
        }
        int status = 429;
        for (int i = 0; i < 1000 && status == 429; i++) { // until the threads of the streams are at their end
            Thread.sleep(10);
            status = get(FIRST, events).statusCode();
        }
        assertThat(status).isEqualTo(200);
    }

    private HttpResponse<InputStream> listen(String key, String path) throws IOException, InterruptedException {
        return http.send(
                HttpRequest.newBuilder(server.orElseThrow().uri().resolve(path))
                        .header("X-API-Key", key)
                        .build(),
                HttpResponse.BodyHandlers.ofInputStream());
    }

    /** Sends a request and waits for no answer, until a job of it is there. */
    private Socket waiting(String path, String body) throws Exception {
        long before = newest().number();
        Socket socket = new Socket(
                InetAddress.getLoopbackAddress(), server.orElseThrow().uri().getPort());
        String request = "POST " + path + " HTTP/1.1\r\nHost: localhost\r\nX-API-Key: " + FIRST + "\r\nContent-Length: "
                + body.length() + "\r\n\r\n" + body;
        socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
        socket.getOutputStream().flush();
        while (newest().number() == before) {
            Thread.sleep(10);
        }
        return socket;
    }

    private JobState stateOf(StoredJob job) {
        return store.find(job.id()).orElseThrow().state();
    }

    @Test
    void cancelsWhatAClientNoLongerWaitsFor() throws Exception {
        start(ServerOptions.LOCAL, store);
        holdTheFirst();
        Map<String, String> requests = Map.of(
                "/v1/images/generations",
                "{\"model\": \"held\", \"prompt\": \"a\"}",
                "/api/generate",
                "{\"model\": \"held\", \"prompt\": \"a\", \"stream\": false}",
                "/sdapi/v1/txt2img",
                "{\"prompt\": \"a\", \"override_settings\": {\"sd_model_checkpoint\": \"held\"}}",
                "/api/image",
                "{\"model\": \"held\", \"prompt\": \"a\"}");
        for (Map.Entry<String, String> request : requests.entrySet()) {
            Socket heard = waiting(request.getKey(), request.getValue());
            StoredJob kept = newest();
            HttpResponse<InputStream> events = listen(SECOND, "/api/jobs/" + kept.id() + "/events");
            Socket alone = waiting(request.getKey(), request.getValue());
            StoredJob left = newest();
            heard.close();
            alone.close();
            for (int i = 0; i < 6000 && stateOf(left) == JobState.QUEUED; i++) {
                Thread.sleep(10);
            }
            assertThat(stateOf(left)).as(request.getKey()).isEqualTo(JobState.CANCELLED);
            assertThat(stateOf(kept)).as(request.getKey()).isEqualTo(JobState.QUEUED);
            events.body().close();
        }
    }

    @Test
    void listsNoMoreThanAnAnswerMayHave() throws Exception {
        for (int i = 0; i < 300; i++) {
            GenerationRequest request = new GenerationRequest("x".repeat(20_000)).withSeed(i);
            store.add(
                    new NewJob(
                            "job" + i,
                            "",
                            "",
                            0,
                            new JobSpec(request).withModel("held"),
                            Instant.now(),
                            Optional.empty()),
                    new QueueBounds(1000, 1000));
        }
        start(ServerOptions.LOCAL, store);
        List<String> ids = new ArrayList<>();
        int pages = 0;
        for (String next = "&"; !next.isEmpty(); pages++) {
            String text = get(FIRST, "/api/jobs?limit=1000" + next).body();
            assertThat(text.length()).isLessThan((4 << 20) + 30_000);
            JsonObject page = JsonParser.parseString(text).getAsJsonObject();
            page.getAsJsonArray("jobs")
                    .forEach(job -> ids.add(job.getAsJsonObject().get("id").getAsString()));
            next = page.has("next") ? "&before=" + page.get("next") : "";
        }
        assertThat(pages).isEqualTo(2);
        assertThat(ids)
                .hasSize(300)
                .doesNotHaveDuplicates()
                .startsWith("job299")
                .endsWith("job0");
        JsonObject few = json(get(FIRST, "/api/jobs?limit=25"), 200);
        assertThat(few.getAsJsonArray("jobs")).hasSize(25);
        assertThat(few.get("next"))
                .isEqualTo(few.getAsJsonArray("jobs").get(24).getAsJsonObject().get("number"));
    }

    @Test
    void refusesTheSecondOfTwoGraphsOfOneIdAtTheSameTime() throws Exception {
        JobStore late = (JobStore) Proxy.newProxyInstance(
                JobStore.class.getClassLoader(), new Class<?>[] {JobStore.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("find") && arguments[0].equals("mine")) {
                        return Optional.empty(); // as if the other request came after this question
                    }
                    try {
                        return method.invoke(store, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
        start(ServerOptions.LOCAL, late);
        holdTheFirst();
        json(post(FIRST, "/prompt", GRAPH.formatted("mine")), 200);
        JsonObject answer = json(post(SECOND, "/prompt", GRAPH.formatted("mine")), 400);
        assertThat(answer.getAsJsonObject("error").get("details").getAsString()).isEqualTo("prompt_id");
        assertThat(answer.getAsJsonObject("node_errors").size()).isZero();
        assertThat(newest().client()).isEqualTo("key-1");
    }
}
