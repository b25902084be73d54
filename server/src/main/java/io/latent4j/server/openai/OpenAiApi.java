package io.latent4j.server.openai;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.latent4j.core.config.Shown;
import io.latent4j.server.api.Api;
import io.latent4j.server.api.ApiException;
import io.latent4j.server.api.Body;
import io.latent4j.server.api.Client;
import io.latent4j.server.api.EventStreams;
import io.latent4j.server.api.Fields;
import io.latent4j.server.api.ServedJobs;
import io.latent4j.server.api.ServedModels;
import io.latent4j.server.api.Uploads;
import io.latent4j.service.job.JobSpec;
import io.latent4j.service.queue.Submission;
import io.latent4j.service.store.StoredJob;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** OpenAI's images API, and its list of models. */
public final class OpenAiApi implements Api {
    private static final String PREFIX = "/v1/";

    private final ServedJobs jobs;
    private final ServedModels models;
    private final Uploads uploads;
    private final EventStreams streams;
    private final JobOfRequest specs;
    private final Optional<URI> publicUrl;
    private final Instant started = Instant.now();

    /**
     * All stay the caller's to close.
     *
     * @param publicUrl where clients reach the server; as each calls it if empty
     */
    public OpenAiApi(
            ServedJobs jobs, ServedModels models, Uploads uploads, EventStreams streams, Optional<URI> publicUrl) {
        this.publicUrl = publicUrl;
        this.jobs = jobs;
        this.models = models;
        this.uploads = uploads;
        this.streams = streams;
        this.specs = new JobOfRequest(models, uploads);
    }

    @Override
    public void addTo(RoutesConfig routes) {
        routes.post("/v1/images/generations", this::generate);
        routes.post("/v1/images/edits", this::edit);
        routes.post("/v1/images/variations", this::vary);
        routes.get("/v1/models", this::models);
        routes.get("/v1/models/<id>", this::model);
    }

    @Override
    public boolean serves(String path) {
        return path.startsWith(PREFIX);
    }

    @Override
    public JsonObject error(ApiException error) {
        return OpenAiErrors.form(error);
    }

    private void generate(Context context) {
        Fields fields = new Fields(Body.object(context));
        ImageRequest request = RequestReader.read(fields, prompt(fields));
        answer(context, request, Optional.empty(), "image_generation");
    }

    private static String prompt(Fields fields) {
        return fields.text("prompt")
                .filter(text -> !text.isBlank())
                .orElseThrow(() -> ApiException.invalid("prompt", "there is no prompt; expected a text"));
    }

    private void edit(Context context) {
        FormBody form = FormBody.of(context);
        Fields fields = new Fields(form.fields());
        ImageRequest request = RequestReader.read(fields, prompt(fields));
        Uploads mine = uploads.by(Client.of(context));
        String image = mine.put(one(form), "image");
        List<byte[]> masks = form.images("mask");
        Optional<String> mask = masks.isEmpty()
                ? maskOf(image, "image", mine)
                : Optional.of(maskOf(mine.put(masks.get(0), "mask"), "mask", mine)
                        .orElseThrow(() -> ApiException.invalid(
                                "mask", "the mask is opaque; expected it transparent where the image is repainted")));
        answer(context, request, Optional.of(new EditedImage(image, mask)), "image_edit");
    }

    private static byte[] one(FormBody form) {
        List<byte[]> images = form.images("image");
        if (images.isEmpty()) {
            throw ApiException.invalid("image", "there is no image; expected a file in the field image");
        }
        if (images.size() > 1) {
            throw ApiException.invalid(
                    "image",
                    "there are " + images.size() + " files in image; expected one: images are not combined here");
        }
        return images.get(0);
    }

    private static Optional<String> maskOf(String digest, String field, Uploads uploads) {
        return uploads.decoded(uploads.file(digest, field), field, RepaintMask::of)
                .map(png -> uploads.put(png, field));
    }

    private void vary(Context context) {
        FormBody form = FormBody.of(context);
        ImageRequest request = RequestReader.read(new Fields(form.fields()), "");
        String image = uploads.by(Client.of(context)).put(one(form), "image");
        answer(context, request, Optional.of(new EditedImage(image, Optional.empty())), "image_edit");
    }

    private void answer(Context context, ImageRequest request, Optional<EditedImage> edited, String events) {
        JobOfRequest.Made made = specs.of(request, edited);
        StoredJob job = submit(made.spec(), by(context, request));
        context.header("x-request-id", job.id());
        context.header("x-should-retry", "false"); // what failed once fails again, and takes as long
        ImageAnswer answer = new ImageAnswer(made.request(), base(context));
        if (request.partial().isPresent()) {
            int size = job.spec().request().batch().batchSize();
            streams.streamOnly(
                    context,
                    job.id(),
                    "text/event-stream",
                    ": still here\n\n",
                    new ImageEvents(events, answer, jobs, job.count(), size));
            return;
        }
        context.future(() -> jobs.whileWaiting(context, job.id(), jobs.whenDone(job.id()))
                .thenAccept(done -> json(context, answer.of(done, jobs))));
    }

    /** Errors name the fields as requests do, and not as jobs do. */
    private StoredJob submit(JobSpec spec, Submission by) {
        try {
            return jobs.submit(spec, by);
        } catch (ApiException e) {
            String field = switch (e.field().orElse("")) {
                case "count" -> "n";
                case "width", "height" -> "size";
                default -> e.field().orElse("");
            };
            throw new ApiException(e.status(), e.code(), e.getMessage().replaceFirst("^count ", "n "), field);
        }
    }

    /** The client is whoever has the key, and not the user that it names: it could name any number of them. */
    private static Submission by(Context context, ImageRequest request) {
        return Submission.by(Client.of(context))
                .withLabel(request.user().map(Shown::text).orElse(""));
    }

    /** Where the server is, as the operator says or else as the client calls it; what a proxy says is not believed. */
    private String base(Context context) {
        if (publicUrl.isPresent()) {
            return publicUrl.get().toString().replaceFirst("/$", "");
        }
        return context.req().getScheme() + "://" + context.req().getHeader("Host");
    }

    private static void json(Context context, JsonObject json) {
        context.contentType("application/json").result(json.toString());
    }

    private void models(Context context) {
        JsonArray listed = new JsonArray();
        models.models().forEach(name -> listed.add(model(name)));
        JsonObject json = new JsonObject();
        json.addProperty("object", "list");
        json.add("data", listed);
        json(context, json);
    }

    private void model(Context context) {
        String name = context.pathParam("id");
        if (!models.models().contains(name)) {
            throw new ApiException(404, "model_not_found", "there is no model " + Shown.text(name), "model");
        }
        json(context, model(name));
    }

    private JsonObject model(String name) {
        JsonObject json = new JsonObject();
        json.addProperty("id", name);
        json.addProperty("object", "model");
        json.addProperty("created", started.getEpochSecond());
        json.addProperty("owned_by", "latent4j");
        return json;
    }
}
