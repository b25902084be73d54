package io.latent4j.server.own;

import com.google.common.io.Resources;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.latent4j.schedulers.catalogue.Schedulers;
import io.latent4j.schedulers.spacing.SpacingName;
import io.latent4j.server.api.Api;
import io.latent4j.server.api.ApiException;
import io.latent4j.server.api.Body;
import io.latent4j.server.api.Client;
import io.latent4j.server.api.EventStreams;
import io.latent4j.server.api.Fields;
import io.latent4j.server.api.ImageEncoding;
import io.latent4j.server.api.ModelFacts;
import io.latent4j.server.api.Priorities;
import io.latent4j.server.api.ServedJobs;
import io.latent4j.server.api.ServedModels;
import io.latent4j.server.api.SpecFiles;
import io.latent4j.server.api.Told;
import io.latent4j.server.api.Uploads;
import io.latent4j.service.job.JobSpec;
import io.latent4j.service.job.RecreatedJob;
import io.latent4j.service.queue.JobProgress;
import io.latent4j.service.queue.QueueStatus;
import io.latent4j.service.queue.Submission;
import io.latent4j.service.registry.EntryKind;
import io.latent4j.service.store.JobQuery;
import io.latent4j.service.store.JobState;
import io.latent4j.service.store.StoredImage;
import io.latent4j.service.store.StoredJob;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** Jobs as they are: everything that a {@link JobSpec} can say. */
public final class OwnApi implements Api {
    private static final int MOST_LISTED = 1000;
    private static final int MOST_QUALITY = 100;

    private final ServedJobs jobs;
    private final ServedModels models;
    private final Uploads uploads;
    private final EventStreams streams;

    /** All stay the caller's to close. */
    public OwnApi(ServedJobs jobs, ServedModels models, Uploads uploads, EventStreams streams) {
        this.jobs = jobs;
        this.models = models;
        this.uploads = uploads;
        this.streams = streams;
    }

    @Override
    public void addTo(RoutesConfig routes) {
        routes.post("/api/jobs", this::submit);
        routes.get("/api/jobs", this::list);
        routes.get("/api/jobs/{id}", context -> json(context, 200, JobJson.of(job(context))));
        routes.delete("/api/jobs/{id}", this::delete);
        routes.post("/api/jobs/{id}/cancel", this::cancel);
        routes.get("/api/jobs/{id}/events", this::events);
        routes.post("/api/image", this::imageOfAJob);
        routes.get("/api/images/{id}", this::image);
        routes.post("/api/uploads", this::upload);
        routes.get("/api/uploads/{id}", this::uploaded);
        routes.post("/api/parameters", this::parameters);
        routes.get("/api/models", this::models);
        routes.get("/api/defaults", this::defaults);
        routes.get("/api/queue", this::queue);
        routes.get(
                "/openapi.json",
                context -> context.contentType("application/json")
                        .result(Resources.toByteArray(Resources.getResource(OwnApi.class, "openapi.json"))));
    }

    @Override
    public boolean serves(String path) {
        return path.startsWith("/api/") || path.equals("/openapi.json");
    }

    @Override
    public JsonObject error(ApiException error) {
        JsonObject inner = new JsonObject();
        inner.addProperty("code", error.code());
        inner.addProperty("message", error.getMessage());
        error.field().ifPresent(field -> inner.addProperty("field", field));
        JsonObject body = new JsonObject();
        body.add("error", inner);
        return body;
    }

    private static void json(Context context, int status, JsonElement json) {
        context.status(status).contentType("application/json").result(json.toString());
    }

    /** The body is a job's JSON form, with {@code priority} and {@code deadline_seconds} beside it. */
    private void submit(Context context) {
        JsonObject body = Body.object(context);
        Submission by = Submission.by(Client.of(context));
        if (body.has("priority")) {
            by = by.withPriority(integer(body, "priority", -100, 100));
        }
        if (body.has("deadline_seconds")) {
            by = by.withDeadline(Instant.now().plusSeconds(integer(body, "deadline_seconds", 1, 1_000_000)));
        }
        body.remove("priority");
        body.remove("deadline_seconds");
        Priorities.Allowed allowed = jobs.priorities().of(by, "priority");
        StoredJob job = jobs.submit(spec(body), allowed.by());
        context.header("Location", "/api/jobs/" + job.id());
        JsonObject json = JobJson.of(job);
        allowed.warning().ifPresent(json.getAsJsonArray("warnings")::add);
        json(context, 202, json);
    }

    private JobSpec spec(JsonObject body) {
        return JobSpec.fromJson(SpecFiles.withPaths(body, uploads).toString());
    }

    /** The body is a job's JSON form, and the answer the PNG of its one image. */
    private void imageOfAJob(Context context) {
        JobSpec spec = spec(Body.object(context));
        if (spec.request().batch().count() != 1) {
            throw ApiException.invalid(
                    "count",
                    "count is " + spec.request().batch().count()
                            + "; expected 1, or the job sent to /api/jobs, which makes any number");
        }
        StoredJob job = jobs.submit(spec, Submission.by(Client.of(context)));
        context.header("Location", "/api/jobs/" + job.id());
        context.future(() -> jobs.whileWaiting(context, job.id(), jobs.whenDone(job.id()))
                .thenAccept(done -> {
                    StoredImage image = done.images().get(0);
                    context.header("X-Seed", Long.toUnsignedString(image.seed()));
                    if (!done.warnings().isEmpty()) {
                        context.header(WarningsHeader.NAME, WarningsHeader.of(Told.warnings(done)));
                    }
                    context.contentType("image/png").result(jobs.png(image));
                }));
    }

    private static int integer(JsonObject body, String key, int least, int most) {
        try {
            int number = body.get(key).getAsBigDecimal().intValueExact();
            if (number >= least && number <= most) {
                return number;
            }
        } catch (ArithmeticException
                | IllegalStateException
                | UnsupportedOperationException
                | NumberFormatException e) {
            throw ApiException.invalid(key, key + " is no whole number; expected " + least + " to " + most);
        }
        throw ApiException.invalid(key, key + " is " + body.get(key) + "; expected " + least + " to " + most);
    }

    private void list(Context context) {
        JobQuery query = JobQuery.NEWEST;
        String states = context.queryParam("state");
        if (states != null) {
            query = query.in(Arrays.stream(states.split(",")).map(OwnApi::state).toArray(JobState[]::new));
        }
        query = Optional.ofNullable(context.queryParam("text"))
                .map(query::having)
                .orElse(query);
        if (context.queryParam("before") != null) {
            query = query.before(number(context, "before", Long.MAX_VALUE));
        }
        if (context.queryParam("limit") != null) {
            query = query.atMost((int) number(context, "limit", MOST_LISTED));
        }
        context.contentType("application/json").result(JobPage.json(jobs.queue(), query));
    }

    private static JobState state(String name) {
        try {
            return JobState.valueOf(name.trim().toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            throw ApiException.invalid(
                    "state",
                    "state is \"" + name + "\"; expected of "
                            + Arrays.stream(JobState.values())
                                    .map(state -> state.name().toLowerCase(Locale.ROOT))
                                    .collect(Collectors.joining(", ")));
        }
    }

    private static long number(Context context, String key, long most) {
        try {
            long number = Long.parseLong(context.queryParam(key));
            if (number >= 1 && number <= most) {
                return number;
            }
        } catch (NumberFormatException e) {
            throw ApiException.invalid(key, key + " is no whole number; expected 1 to " + most);
        }
        throw ApiException.invalid(key, key + " is " + context.queryParam(key) + "; expected 1 to " + most);
    }

    private StoredJob job(Context context) {
        String id = context.pathParam("id");
        return jobs.queue().job(id).orElseThrow(() -> noJob());
    }

    private static ApiException noJob() {
        return ApiException.notFound("there is no such job; it may have been too long ago");
    }

    /** Cancels a job that has not ended, and forgets one that has. */
    private void delete(Context context) {
        StoredJob job = job(context);
        if (job.state().isEnd()) {
            jobs.queue().forget(job.id());
            context.status(204);
        } else {
            cancel(context);
        }
    }

    private void cancel(Context context) {
        json(
                context,
                202,
                JobJson.of(jobs.queue().cancel(context.pathParam("id")).orElseThrow(OwnApi::noJob)));
    }

    private void events(Context context) {
        StoredJob job = job(context);
        streams.stream(
                context, job.id(), "text/event-stream", ": still here\n\n", event -> Optional.of(EventJson.of(event)));
    }

    private void image(Context context) {
        String id = context.pathParam("id");
        Optional<String> ending = ImageEncoding.Format.words().stream()
                .filter(word -> id.endsWith("." + word))
                .findFirst();
        byte[] png = jobs.png(ending.map(word -> id.substring(0, id.length() - word.length() - 1))
                .orElse(id));
        context.header("Cache-Control", "private, max-age=31536000, immutable");
        ImageEncoding encoding = encoding(context, ending);
        context.contentType(encoding.type()).result(encoding.of(png));
    }

    private static ImageEncoding encoding(Context context, Optional<String> ending) {
        JsonObject asked = new JsonObject();
        Optional.ofNullable(context.queryParam("format")).ifPresent(format -> asked.addProperty("format", format));
        Optional.ofNullable(context.queryParam("quality")).ifPresent(quality -> asked.addProperty("quality", quality));
        Fields fields = new Fields(asked);
        return new ImageEncoding(
                fields.choice("format", ImageEncoding.Format.words())
                        .or(() -> ending)
                        .map(ImageEncoding.Format::of)
                        .orElse(ImageEncoding.Format.PNG),
                fields.integer("quality", 0, MOST_QUALITY).orElse(MOST_QUALITY));
    }

    private void upload(Context context) {
        JsonObject json = new JsonObject();
        json.addProperty("id", uploads.by(Client.of(context)).put(context.bodyAsBytes(), "body"));
        json(context, 201, json);
    }

    private void uploaded(Context context) {
        byte[] image = uploads.bytes(context.pathParam("id"));
        context.contentType(Uploads.type(image)).result(image);
    }

    /** The job that made an image, by the parameters text in the body. */
    private void parameters(Context context) {
        RecreatedJob recreated = JobSpec.of(context.body());
        JsonObject json = new JsonObject();
        json.add(
                "spec",
                SpecFiles.withoutPaths(
                        JsonParser.parseString(recreated.job().toJson()).getAsJsonObject()));
        recreated.strength().ifPresent(strength -> json.addProperty("strength", strength));
        json.add("missing", texts(recreated.missing()));
        json.add("warnings", texts(recreated.warnings()));
        json(context, 200, json);
    }

    private static JsonArray texts(List<String> texts) {
        JsonArray json = new JsonArray();
        texts.forEach(json::add);
        return json;
    }

    private void models(Context context) {
        JsonObject json = new JsonObject();
        json.add("models", texts(models.models()));
        json.addProperty("usual", models.usual());
        json.add("adapters", texts(models.names(EntryKind.ADAPTER)));
        json.add("controls", texts(models.names(EntryKind.CONTROL_NETWORK)));
        json.add("words", texts(models.names(EntryKind.WORD)));
        JsonArray schedulers = new JsonArray();
        for (String name : Schedulers.names()) {
            JsonObject scheduler = new JsonObject();
            scheduler.addProperty("name", name);
            scheduler.addProperty("title", Schedulers.title(name));
            schedulers.add(scheduler);
        }
        json.add("schedulers", schedulers);
        JsonArray spacings = new JsonArray();
        for (SpacingName name : SpacingName.values()) {
            JsonObject spacing = new JsonObject();
            spacing.addProperty("name", name.word());
            spacing.addProperty("title", name.title());
            spacings.add(spacing);
        }
        json.add("spacings", spacings);
        json(context, 200, json);
    }

    /** What a model makes where a job leaves things open; of the usual one if none is named. */
    private void defaults(Context context) {
        ModelFacts facts =
                models.facts(Optional.ofNullable(context.queryParam("model")).orElseGet(models::usual));
        JsonObject json = new JsonObject();
        json.addProperty("model", facts.name());
        json.addProperty("width", facts.width());
        json.addProperty("height", facts.height());
        json.addProperty("multiple", facts.multiple());
        json.addProperty("steps", facts.steps());
        json.addProperty("guidance_scale", facts.guidanceScale());
        facts.scheduler().ifPresent(title -> json.addProperty("scheduler", title));
        json.addProperty("takes_text", facts.takesText());
        json(context, 200, json);
    }

    private void queue(Context context) {
        QueueStatus status = jobs.queue().status();
        JsonObject json = new JsonObject();
        json.addProperty("waiting", status.waiting());
        json.addProperty("running", status.running());
        json.addProperty("most", status.most());
        JsonArray here = new JsonArray();
        for (String id : jobs.queue().runningHere()) {
            jobs.queue().progress(id).ifPresent(progress -> here.add(progress(id, progress)));
        }
        json.add("progress", here);
        json(context, 200, json);
    }

    private static JsonObject progress(String id, JobProgress progress) {
        JsonObject json = new JsonObject();
        json.addProperty("id", id);
        json.addProperty("step", progress.step());
        json.addProperty("steps", progress.steps());
        json.addProperty("images", progress.images());
        json.addProperty("seconds_left", progress.remaining().toMillis() / 1000.0);
        return json;
    }
}
