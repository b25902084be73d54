package io.latent4j.server.own;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.base.Splitter;
import com.google.common.io.Resources;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.networknt.schema.InputFormat;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import com.networknt.schema.ValidationMessage;
import io.javalin.Javalin;
import io.latent4j.server.api.EventStreams;
import io.latent4j.server.api.Limits;
import io.latent4j.server.api.Priorities;
import io.latent4j.server.api.ServedJobs;
import io.latent4j.server.api.ServedModels;
import io.latent4j.server.api.SpecFiles;
import io.latent4j.server.api.Uploads;
import io.latent4j.service.JobRunner;
import io.latent4j.service.job.JobSpec;
import io.latent4j.service.queue.JobQueue;
import io.latent4j.service.queue.QueueOptions;
import io.latent4j.service.registry.ModelRegistry;
import io.latent4j.service.store.ImageFolder;
import io.latent4j.service.store.MemoryJobStore;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code openapi.json} says is what the server does. */
final class OpenApiTest {
    /** A job that says all that one can; {@code timesteps} and {@code sigmas} exclude {@code steps}. */
    private static final String WHOLE_JOB = """
        {"model": "m", "prompt": "a", "negative_prompt": "b", "prompt_syntax": "plain", "clip_skip": 2, "max_tokens": 77,
         "scheduler": "ddim", "scheduler_settings": {"timestep_spacing": "trailing"}, "steps": 9, "cache": "deepcache:3",
         "eta": 0.5,
         "range": [0, 0.8], "guidance": {"scale": 5, "rescale": 0.1, "start": 0.1, "end": 0.9, "thresholding": 0.99,
         "plus_plus": false, "perturbed": {"scale": 2, "layers": ["mid_block"]}}, "width": 64, "height": 64,
         "seed": 18446744073709551615, "variation": {"seed": 3, "strength": 0.2}, "count": 2, "batch_size": 1,
         "source": {"image": "%1$s.png", "strength": 0.5, "mask": {"image": "%1$s.png", "blur": 4, "padding": 8}},
         "adapters": [{"name": "a", "strength": 1, "text_strength": 0.5, "blocks": {"down_blocks.0": 1},
         "schedule": {"0": 1, "0.5": 0}}], "controls": [{"name": "c", "image": "%1$s.png", "scale": 1, "range": [0, 1],
         "guess": true}], "references": ["%1$s.png"],
         "tiling": {"above": 9, "side": 768}, "micro": {"sizes": {"original_width": 1,
         "original_height": 1, "crop_left": 0, "crop_top": 0, "target_width": 1, "target_height": 1},
         "negative_sizes": {"original_width": 1, "original_height": 1, "target_width": 1, "target_height": 1},
         "aesthetic_score": 6, "negative_aesthetic_score": 2.5}, "refiner": {"model": "r", "from": 0.7},
         "embeddings": [], "preview": "linear"}
        """.formatted("0".repeat(64));

    private static final String UPSCALED =
            "{\"prompt\": \"a\", \"upscale\": {\"factor\": 2, \"strength\": 0.5, \"steps\": 5, \"by\":"
                    + " \"latents_bicubic\"}}";

    @TempDir
    private Path data;

    private final JsonObject openApi = resource();
    private final ModelRegistry registry = new ModelRegistry();
    private final HttpClient http = HttpClient.newHttpClient();
    private JobQueue queue;
    private EventStreams streams;
    private Javalin server;

    @BeforeEach
    void start() {
        ImageFolder images = new ImageFolder(data.resolve("images"));
        queue = new JobQueue(new JobRunner(registry), new MemoryJobStore(), images, QueueOptions.DEFAULT);
        streams = new EventStreams(queue);
        ServedModels models = new ServedModels(registry, Optional.empty());
        OwnApi api = new OwnApi(
                new ServedJobs(queue, images, Limits.DEFAULT, models, new Priorities(Set.of(Priorities.ALL)), false),
                models,
                new Uploads(data.resolve("uploads"), Limits.DEFAULT, queue),
                streams);
        server = Javalin.create(config -> api.addTo(config.routes));
    }

    @AfterEach
    void stop() {
        streams.close();
        queue.close();
        registry.close();
        server.stop();
    }

    private static JsonObject resource() {
        try {
            return JsonParser.parseString(Resources.toString(
                            Resources.getResource(OwnApi.class, "openapi.json"), StandardCharsets.UTF_8))
                    .getAsJsonObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void hasTheRoutesOfTheServerAndNoOthers() {
        Set<String> told = new TreeSet<>();
        openApi.getAsJsonObject("paths")
                .entrySet()
                .forEach(path -> path.getValue().getAsJsonObject().keySet().stream()
                        .filter(method -> !method.equals("parameters"))
                        .forEach(method -> told.add(method.toUpperCase(Locale.ROOT) + " " + path.getKey())));
        Set<String> routes = server.unsafe.internalRouter.allHttpHandlers().stream()
                .map(each -> each.endpoint.method + " " + each.endpoint.path)
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(told).isEqualTo(routes);
    }

    @Test
    void refersOnlyToWhatItHas() {
        Set<String> references = new HashSet<>();
        collect(openApi, references);
        assertThat(references).allSatisfy(reference -> {
            JsonElement at = openApi;
            for (String step : Splitter.on('/').split(reference.substring("#/".length()))) {
                at = at.getAsJsonObject().get(step);
                assertThat(at).as(reference).isNotNull();
            }
        });
    }

    private static void collect(JsonElement json, Set<String> references) {
        if (json instanceof JsonArray array) {
            array.forEach(each -> collect(each, references));
        } else if (json instanceof JsonObject object) {
            object.entrySet().forEach(entry -> {
                if (entry.getKey().equals("$ref")) {
                    references.add(entry.getValue().getAsString());
                }
                collect(entry.getValue(), references);
            });
        }
    }

    @Test
    void hasEveryKeyOfAJob() {
        JsonObject whole = JsonParser.parseString(WHOLE_JOB).getAsJsonObject();
        Set<String> keys = new TreeSet<>(whole.keySet());
        keys.addAll(Set.of("timesteps", "sigmas", "upscale"));
        JsonObject fields = openApi.getAsJsonObject("components")
                .getAsJsonObject("schemas")
                .getAsJsonObject("SpecFields")
                .getAsJsonObject("properties");
        assertThat(new TreeSet<>(fields.keySet())).isEqualTo(keys);
        for (String job : List.of(WHOLE_JOB, UPSCALED)) {
            JsonObject written =
                    JsonParser.parseString(JobSpec.fromJson(job).toJson()).getAsJsonObject();
            fits("Spec", SpecFiles.withoutPaths(written).toString());
        }
    }

    @Test
    void refusesKeysThatThereAreNot() {
        assertThat(wrong(schema("NewJob"), "{\"prompt\": \"a\", \"priority\": 1}"))
                .isEmpty();
        assertThat(wrong(schema("NewJob"), "{\"prompt\": \"a\", \"stepz\": 1}")).isNotEmpty();
        assertThat(wrong(schema("Spec"), "{\"prompt\": \"a\", \"priority\": 1}"))
                .isNotEmpty();
        assertThat(wrong(schema("Error"), "{}")).isNotEmpty();
    }

    /** The text fits a schema of the document. */
    private void fits(String schema, String json) {
        fits(schema(schema), json);
    }

    private static JsonObject schema(String name) {
        JsonObject reference = new JsonObject();
        reference.addProperty("$ref", "#/components/schemas/" + name);
        return reference;
    }

    private void fits(JsonObject schema, String json) {
        assertThat(wrong(schema, json)).as(json).isEmpty();
    }

    private Set<ValidationMessage> wrong(JsonObject schema, String json) {
        JsonObject whole = schema.deepCopy();
        whole.addProperty("$schema", "https://json-schema.org/draft/2020-12/schema");
        whole.add("$defs", openApi.getAsJsonObject("components").get("schemas"));
        String text = whole.toString().replace("#/components/schemas/", "#/$defs/");
        JsonSchema rules =
                JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012).getSchema(text, InputFormat.JSON);
        return rules.validate(json, InputFormat.JSON);
    }

    @Test
    void saysWhatTheServerAnswers() throws Exception {
        server.start(0);
        HttpResponse<String> accepted = answers(
                "POST",
                "/api/jobs",
                "/api/jobs",
                "{\"prompt\": \"a red circle\", \"steps\": 60, \"priority\": 1}".getBytes(StandardCharsets.UTF_8),
                202);
        String id = JsonParser.parseString(accepted.body())
                .getAsJsonObject()
                .get("id")
                .getAsString();
        String events = send("GET", "/api/jobs/" + id + "/events", new byte[0]).body();
        Map<String, String> schemas = Map.of(
                "queued",
                "QueuedEvent",
                "loading",
                "LoadingEvent",
                "started",
                "StartedEvent",
                "stage",
                "StageEvent",
                "step",
                "StepEvent",
                "preview",
                "PreviewEvent",
                "image",
                "Image",
                "warning",
                "WarningEvent",
                "ended",
                "Job");
        List<String> blocks = Splitter.on("\n\n").omitEmptyStrings().splitToList(events);
        assertThat(blocks).hasSizeGreaterThan(3);
        for (String block : blocks) {
            String name = block.lines().findFirst().orElseThrow().replaceFirst("event: ", "");
            fits(schemas.get(name), block.substring(block.indexOf("data: ") + "data: ".length()));
        }
        byte[] nothing = new byte[0];
        answers("GET", "/api/jobs/{id}", "/api/jobs/" + id, nothing, 200);
        answers("GET", "/api/jobs", "/api/jobs?state=done&text=RED&limit=3", nothing, 200);
        answers("GET", "/api/models", "/api/models", nothing, 200);
        answers("GET", "/api/defaults", "/api/defaults", nothing, 200);
        answers("GET", "/api/queue", "/api/queue", nothing, 200);
        answers("POST", "/api/uploads", "/api/uploads", png(), 201);
        answers(
                "POST",
                "/api/parameters",
                "/api/parameters",
                "a boat\nSteps: 9, Seed: 3, Denoising strength: 0.5".getBytes(StandardCharsets.UTF_8),
                200);
        answers("POST", "/api/jobs/{id}/cancel", "/api/jobs/" + id + "/cancel", nothing, 202);
        answers("GET", "/openapi.json", "/openapi.json", nothing, 200);
    }

    private static byte[] png() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ImageIO.write(new BufferedImage(8, 8, BufferedImage.TYPE_INT_RGB), "png", out);
        return out.toByteArray();
    }

    private HttpResponse<String> send(String method, String path, byte[] body) throws Exception {
        return http.send(
                HttpRequest.newBuilder(URI.create("http://localhost:" + server.port() + path))
                        .method(method, HttpRequest.BodyPublishers.ofByteArray(body))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private HttpResponse<String> answers(String method, String route, String path, byte[] body, int status)
            throws Exception {
        HttpResponse<String> answer = send(method, path, body);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        JsonObject told = openApi.getAsJsonObject("paths")
                .getAsJsonObject(route)
                .getAsJsonObject(method.toLowerCase(Locale.ROOT))
                .getAsJsonObject("responses")
                .getAsJsonObject(Integer.toString(status));
        fits(
                told.getAsJsonObject("content")
                        .getAsJsonObject("application/json")
                        .getAsJsonObject("schema"),
                answer.body());
        return answer;
    }
}
