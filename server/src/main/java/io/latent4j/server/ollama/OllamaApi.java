package io.latent4j.server.ollama;

import com.google.gson.JsonObject;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.latent4j.server.api.Api;
import io.latent4j.server.api.ApiException;
import io.latent4j.server.api.Body;
import io.latent4j.server.api.Client;
import io.latent4j.server.api.EventStreams;
import io.latent4j.server.api.Fields;
import io.latent4j.server.api.ServedJobs;
import io.latent4j.server.api.ServedModels;
import io.latent4j.server.api.Uploads;
import io.latent4j.service.queue.Submission;
import io.latent4j.service.store.StoredJob;
import java.util.Set;

/** Ollama's image generation, and its lists of models. */
public final class OllamaApi implements Api {
    /** The last release of Ollama that makes images, which clients may ask for. */
    private static final String VERSION = "0.32.5";

    /** All paths of Ollama that make something, so that clients are told in its form what is not here. */
    private static final Set<String> PATHS = Set.of(
            "/api/generate",
            "/api/tags",
            "/api/show",
            "/api/ps",
            "/api/version",
            "/api/chat",
            "/api/embed",
            "/api/embeddings",
            "/api/pull",
            "/api/push",
            "/api/create",
            "/api/copy",
            "/api/delete");

    private final ServedJobs jobs;
    private final OllamaModels models;
    private final Uploads uploads;
    private final EventStreams streams;

    /** All stay the caller's to close. */
    public OllamaApi(ServedJobs jobs, ServedModels models, Uploads uploads, EventStreams streams) {
        this.jobs = jobs;
        this.models = new OllamaModels(models);
        this.uploads = uploads;
        this.streams = streams;
    }

    @Override
    public void addTo(RoutesConfig routes) {
        routes.post("/api/generate", this::generate);
        routes.get("/api/tags", context -> json(context, models.list()));
        routes.get("/api/ps", context -> json(context, models.open()));
        routes.post("/api/show", this::show);
        routes.get("/api/version", OllamaApi::version);
    }

    @Override
    public boolean serves(String path) {
        return PATHS.contains(path);
    }

    @Override
    public JsonObject error(ApiException error) {
        return GenerateAnswer.error(error);
    }

    private void generate(Context context) {
        GenerateRequest request = GenerateRequest.read(Body.object(context), models, uploads.by(Client.of(context)));
        GenerateAnswer answer = new GenerateAnswer(request, jobs);
        if (request.spec().request().prompt().text().isBlank()
                && request.spec().source().isEmpty()) {
            json(context, answer.loaded());
            return;
        }
        StoredJob job = jobs.submit(request.spec(), Submission.by(Client.of(context)));
        if (request.stream()) {
            streams.streamOnly(context, job.id(), "application/x-ndjson", answer.idle(), answer);
        } else {
            context.future(() -> jobs.whileWaiting(context, job.id(), jobs.whenDone(job.id()))
                    .thenAccept(done -> json(context, answer.done(done))));
        }
    }

    private void show(Context context) {
        Fields fields = new Fields(Body.object(context));
        String name = fields.text("model")
                .or(() -> fields.text("name"))
                .orElseThrow(() -> ApiException.invalid("model", "there is no model; expected a name of /api/tags"));
        json(context, models.show(models.served(name)));
    }

    private static void version(Context context) {
        JsonObject json = new JsonObject();
        json.addProperty("version", VERSION);
        json(context, json);
    }

    private static void json(Context context, JsonObject json) {
        context.contentType("application/json").result(json.toString());
    }
}
