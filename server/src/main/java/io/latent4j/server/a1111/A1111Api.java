package io.latent4j.server.a1111;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import com.sun.management.OperatingSystemMXBean;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.Handler;
import io.latent4j.server.api.Api;
import io.latent4j.server.api.ApiException;
import io.latent4j.server.api.Body;
import io.latent4j.server.api.Client;
import io.latent4j.server.api.ImageEncoding;
import io.latent4j.server.api.Limits;
import io.latent4j.server.api.ServedJobs;
import io.latent4j.server.api.ServedModels;
import io.latent4j.server.api.Uploads;
import io.latent4j.service.job.JobSpec;
import io.latent4j.service.queue.JobProgress;
import io.latent4j.service.queue.Submission;
import io.latent4j.service.store.JobQuery;
import io.latent4j.service.store.JobState;
import io.latent4j.service.store.StoredJob;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiFunction;
import java.util.function.Supplier;

/**
 * The HTTP API of Stable Diffusion web UI. A client sees the progress of its own jobs, and interrupts those alone; the options
 * are the same for all.
 */
public final class A1111Api implements Api {
    private final ServedJobs jobs;
    private final ServedModels models;
    private final Checkpoints checkpoints;
    private final Uploads uploads;
    private final Limits limits;
    private final TaskNames tasks = new TaskNames();
    private final AtomicReference<Settings> settings;

    /** All stay the caller's to close. */
    public A1111Api(ServedJobs jobs, ServedModels models, Uploads uploads, Limits limits) {
        this.jobs = jobs;
        this.models = models;
        this.checkpoints = new Checkpoints(models);
        this.uploads = uploads;
        this.limits = limits;
        this.settings = new AtomicReference<>(Settings.of(checkpoints.usual()));
    }

    @Override
    public void addTo(RoutesConfig routes) {
        routes.post("/sdapi/v1/txt2img", checked(context -> generate(context, reader(context)::text)));
        routes.post("/sdapi/v1/img2img", checked(context -> generate(context, reader(context)::image)));
        routes.get("/sdapi/v1/progress", this::progress);
        routes.post("/internal/progress", checked(this::taskProgress));
        routes.get("/internal/ping", context -> json(context, new JsonObject()));
        routes.post("/sdapi/v1/interrupt", this::interrupt);
        routes.post("/sdapi/v1/skip", this::interrupt);
        routes.get("/sdapi/v1/options", context -> json(context, settings.get().json()));
        routes.post("/sdapi/v1/options", checked(this::setOptions));
        routes.post("/sdapi/v1/png-info", checked(this::pngInfo));
        routes.post(
                "/sdapi/v1/extra-single-image",
                checked(context -> json(
                        context,
                        extras(context)
                                .single(
                                        new LenientFields(body(context)),
                                        settings.get().encoding()))));
        routes.post(
                "/sdapi/v1/extra-batch-images",
                checked(context -> json(
                        context,
                        extras(context)
                                .several(
                                        new LenientFields(body(context)),
                                        settings.get().encoding()))));
        routes.get("/sdapi/v1/memory", context -> json(context, memory()));
        routes.get("/sdapi/v1/cmd-flags", context -> json(context, flags()));
        list(routes, "sd-models", checkpoints::json);
        list(routes, "samplers", Samplers::methods);
        list(routes, "schedulers", Samplers::spacings);
        list(routes, "upscalers", Listings::upscalers);
        list(routes, "latent-upscale-modes", HiresFix::latentModes);
        Listings listings = new Listings(models);
        list(routes, "loras", listings::loras);
        routes.get("/sdapi/v1/embeddings", context -> json(context, listings.words()));
        routes.get("/controlnet/model_list", context -> json(context, listings.controlNetworks()));
        routes.get("/controlnet/module_list", context -> json(context, listings.modules()));
        for (String nothing : List.of(
                "sd-vae",
                "hypernetworks",
                "face-restorers",
                "realesrgan-models",
                "prompt-styles",
                "extensions",
                "script-info")) {
            list(routes, nothing, JsonArray::new);
        }
        routes.get("/sdapi/v1/scripts", context -> json(context, scripts()));
        for (String refresh : List.of("refresh-checkpoints", "refresh-loras", "refresh-vae", "refresh-embeddings")) {
            routes.post("/sdapi/v1/" + refresh, context -> {
                models.rescan();
                json(context, JsonNull.INSTANCE);
            });
        }
        for (String loading :
                List.of("unload-checkpoint", "reload-checkpoint")) { // jobs open and close models themselves
            routes.post("/sdapi/v1/" + loading, context -> json(context, new JsonObject()));
        }
    }

    private static void list(RoutesConfig routes, String name, Supplier<JsonArray> list) {
        routes.get("/sdapi/v1/" + name, context -> json(context, list.get()));
    }

    @Override
    public boolean serves(String path) {
        return path.startsWith("/sdapi/") || path.startsWith("/internal/") || path.startsWith("/controlnet/");
    }

    @Override
    public JsonObject error(ApiException error) {
        JsonObject json = new JsonObject();
        json.addProperty("error", error.code());
        json.addProperty("detail", error.getMessage());
        json.addProperty("body", "");
        json.addProperty("errors", error.getMessage());
        return json;
    }

    private static void json(Context context, JsonElement json) {
        context.contentType("application/json").result(json.toString());
    }

    /** The handler with wrong fields answered as FastAPI does. */
    private static Handler checked(Handler handler) {
        return context -> {
            try {
                handler.handle(context);
            } catch (WrongFieldsException e) {
                context.status(422);
                json(context, e.json());
            }
        };
    }

    private static JsonObject body(Context context) {
        try {
            return Body.object(context);
        } catch (ApiException e) {
            throw new WrongFieldsException(List.of(WrongFieldsException.entry(
                    List.of(new JsonPrimitive(0)), e.getMessage(), "value_error.jsondecode")));
        }
    }

    private GenerationReader reader(Context context) {
        return new GenerationReader(checkpoints, uploads.by(Client.of(context)));
    }

    /** Answers when the job is at its end, which keeps no thread. */
    private void generate(Context context, BiFunction<JsonObject, Settings, Requested> read) {
        Requested requested = read.apply(body(context), settings.get());
        String client = Client.of(context);
        StoredJob job = submit(requested.spec(), Submission.by(client));
        requested.changed().ifPresent(settings::set);
        requested.task().ifPresent(task -> tasks.put(client, task, job.id()));
        context.future(() -> jobs.whileWaiting(context, job.id(), jobs.queue().ended(job.id()))
                .thenAcceptAsync(ended -> {
                    StoredJob end = ended.orElseThrow(
                            () -> ApiException.notFound("the job was forgotten before it was answered"));
                    if (end.state() != JobState.DONE && end.state() != JobState.CANCELLED) {
                        throw ServedJobs.unfinished(end);
                    }
                    json(context, new GenerationAnswer(requested, end).json(images(requested, end)));
                }));
    }

    private Extras extras(Context context) {
        return new Extras(uploads.by(Client.of(context)), limits);
    }

    /** Errors name the fields as requests do, and not as jobs do. */
    private StoredJob submit(JobSpec spec, Submission by) {
        try {
            return jobs.submit(spec, by);
        } catch (ApiException e) {
            if (e.field().filter("count"::equals).isEmpty()) {
                throw e;
            }
            String message = e.getMessage().replaceFirst("^count ", "batch_size times n_iter ");
            throw new ApiException(e.status(), e.code(), message, "batch_size");
        }
    }

    private List<String> images(Requested requested, StoredJob job) {
        if (!requested.sendsImages()) {
            return List.of();
        }
        ImageEncoding encoding = requested.settings().encoding();
        return job.images().stream()
                .map(image -> Base64.getEncoder().encodeToString(encoding.of(jobs.png(image))))
                .toList();
    }

    private void progress(Context context) {
        boolean image = !List.of("true", "1", "True")
                .contains(Optional.ofNullable(context.queryParam("skip_current_image"))
                        .orElse(""));
        json(context, progress(Client.of(context)).json(image));
    }

    private ProgressAnswer progress(String client) {
        List<StoredJob> running = mine(client, JobState.RUNNING);
        Optional<JobProgress> progress =
                running.stream().findFirst().flatMap(at -> jobs.queue().progress(at.id()));
        if (progress.isPresent()) { // clients ask often, and what waits may be long
            return new ProgressAnswer(running.stream().findFirst(), progress, 0);
        }
        List<StoredJob> waiting = mine(client, JobState.QUEUED);
        Optional<StoredJob> job =
                running.stream().findFirst().or(() -> waiting.stream().findFirst());
        return new ProgressAnswer(job, Optional.empty(), running.size() + waiting.size());
    }

    /** A client's jobs, the oldest first. */
    private List<StoredJob> mine(String client, JobState state) {
        List<StoredJob> mine =
                new ArrayList<>(jobs.queue().jobs(JobQuery.NEWEST.in(state).of(client)));
        Collections.reverse(mine);
        return mine;
    }

    /** The progress of the job that the client named so. */
    private void taskProgress(Context context) {
        LenientFields fields = new LenientFields(body(context));
        Optional<String> task = fields.text("id_task");
        int seen = fields.integer("id_live_preview").orElse(-1);
        boolean wantsPreview = fields.flag("live_preview", true);
        fields.check();
        Optional<StoredJob> job = task.flatMap(name -> tasks.job(Client.of(context), name))
                .flatMap(id -> jobs.queue().job(id));
        ProgressAnswer answer =
                new ProgressAnswer(job, job.flatMap(at -> jobs.queue().progress(at.id())), 0);
        JsonObject json = new JsonObject();
        boolean active = job.filter(at -> at.state() == JobState.RUNNING).isPresent();
        boolean queued = job.filter(at -> at.state() == JobState.QUEUED).isPresent();
        json.addProperty("active", active);
        json.addProperty("queued", queued);
        json.addProperty("completed", job.filter(at -> at.state().isEnd()).isPresent());
        json.add("progress", active ? new JsonPrimitive(answer.fraction()) : JsonNull.INSTANCE);
        json.add("eta", active ? new JsonPrimitive(answer.eta()) : JsonNull.INSTANCE);
        int step = answer.progress().map(now -> now.step()).orElse(-1);
        Optional<String> preview = wantsPreview && step != seen ? answer.preview() : Optional.empty();
        json.add(
                "live_preview",
                preview.<JsonElement>map(png -> new JsonPrimitive("data:image/png;base64," + png))
                        .orElse(JsonNull.INSTANCE));
        json.addProperty("id_live_preview", preview.isPresent() ? step : seen);
        json.addProperty("textinfo", queued ? "In queue..." : active ? "" : "Waiting...");
        json(context, json);
    }

    /** Ends what runs of the client's; where nothing does, what waits. */
    private void interrupt(Context context) {
        String client = Client.of(context);
        List<StoredJob> running = mine(client, JobState.RUNNING);
        (running.isEmpty() ? mine(client, JobState.QUEUED) : running)
                .forEach(job -> jobs.queue().cancel(job.id()));
        json(context, new JsonObject());
    }

    private void setOptions(Context context) {
        JsonObject body = body(context);
        List<String> warnings = new ArrayList<>();
        settings.set(settings.get().with(new LenientFields(body), body, checkpoints, warnings));
        JsonObject json = new JsonObject();
        JsonArray told = new JsonArray();
        warnings.forEach(told::add);
        json.add("warnings", told);
        json(context, json);
    }

    private void pngInfo(Context context) {
        LenientFields fields = new LenientFields(body(context));
        Optional<String> image = fields.text("image");
        if (image.isEmpty()) {
            fields.refuse("image", "field required", "value_error.missing");
        }
        fields.check();
        json(context, new PngInfo(uploads.by(Client.of(context))).json(image.orElseThrow()));
    }

    private static JsonObject memory() {
        OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
        JsonObject ram = new JsonObject();
        ram.addProperty("free", system.getFreeMemorySize());
        ram.addProperty("used", system.getTotalMemorySize() - system.getFreeMemorySize());
        ram.addProperty("total", system.getTotalMemorySize());
        JsonObject cuda = new JsonObject();
        cuda.addProperty("error", "unavailable");
        JsonObject json = new JsonObject();
        json.add("ram", ram);
        json.add("cuda", cuda);
        return json;
    }

    private static JsonObject flags() {
        JsonObject json = new JsonObject();
        json.addProperty("api", true);
        json.addProperty("nowebui", true);
        return json;
    }

    private static JsonObject scripts() {
        JsonObject json = new JsonObject();
        for (String tab : List.of("txt2img", "img2img")) {
            JsonArray names = new JsonArray();
            names.add("controlnet");
            json.add(tab, names);
        }
        return json;
    }
}
