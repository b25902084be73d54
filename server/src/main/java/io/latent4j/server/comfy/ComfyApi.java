package io.latent4j.server.comfy;

import com.google.common.collect.ImmutableMap;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.sun.management.OperatingSystemMXBean;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.websocket.WsConfig;
import io.javalin.websocket.WsConnectContext;
import io.latent4j.server.api.Api;
import io.latent4j.server.api.ApiException;
import io.latent4j.server.api.Body;
import io.latent4j.server.api.Client;
import io.latent4j.server.api.Priorities;
import io.latent4j.server.api.ServedJobs;
import io.latent4j.server.api.ServedModels;
import io.latent4j.server.api.Uploads;
import io.latent4j.service.job.JobSpec;
import io.latent4j.service.queue.Submission;
import io.latent4j.service.registry.EntryKind;
import io.latent4j.service.registry.ModelEntry;
import io.latent4j.service.store.JobExistsException;
import io.latent4j.service.store.JobQuery;
import io.latent4j.service.store.JobState;
import io.latent4j.service.store.NewJob;
import io.latent4j.service.store.StoredJob;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;

/**
 * The HTTP and socket API of ComfyUI, for graphs that are one job here. A client sees its own jobs and images alone.
 */
public final class ComfyApi implements Api {
    private static final Set<String> PATHS = Set.of(
            "/prompt",
            "/history",
            "/view",
            "/queue",
            "/interrupt",
            "/upload",
            "/free",
            "/object_info",
            "/system_stats",
            "/embeddings",
            "/models",
            "/extensions",
            "/features",
            "/ws");

    /** Those that clients may also write with {@code /api} before them; the others are of other forms there. */
    private static final Set<String> ALSO_UNDER_API = Set.of(
            "/prompt",
            "/history",
            "/view",
            "/interrupt",
            "/object_info",
            "/system_stats",
            "/extensions",
            "/features",
            "/free",
            "/upload",
            "/ws");

    private static final String API = "/api";

    private static final ImmutableMap<String, EntryKind> FOLDERS = ImmutableMap.of(
            "checkpoints", EntryKind.MODEL,
            "loras", EntryKind.ADAPTER,
            "embeddings", EntryKind.WORD,
            "controlnet", EntryKind.CONTROL_NETWORK,
            "vae_approx", EntryKind.PREVIEWS);
    private static final Duration SILENCE = Duration.ofSeconds(60);
    private static final int PING = 20; // seconds
    private static final int LONGEST_ID = 200;
    private static final int LISTED = 200; // of the history, where no number is asked for

    private final ServedJobs jobs;
    private final ServedModels models;
    private final SentImages images;
    private final Uploads uploads;
    private final Prompts prompts = new Prompts();
    private final ClientSockets sockets = new ClientSockets();
    private final AtomicLong numbers = new AtomicLong();

    /** All stay the caller's to close. */
    public ComfyApi(ServedJobs jobs, ServedModels models, Uploads uploads) {
        this.jobs = jobs;
        this.models = models;
        this.images = new SentImages(jobs, uploads);
        this.uploads = uploads;
    }

    @Override
    public void addTo(RoutesConfig routes) {
        routes.get("/queue", this::queue);
        routes.post("/queue", this::changeQueue);
        routes.get("/embeddings", context -> json(context, texts(names(EntryKind.WORD))));
        routes.get("/models", context -> json(context, texts(List.copyOf(FOLDERS.keySet()))));
        routes.get("/models/{folder}", this::folder);
        for (String prefix : List.of("", API)) {
            routes.post(prefix + "/prompt", this::submit);
            routes.get(prefix + "/prompt", context -> json(context, Messages.remaining(remaining(Client.of(context)))));
            routes.get(prefix + "/history", this::history);
            routes.get(prefix + "/history/{id}", this::historyOf);
            routes.post(prefix + "/history", this::changeHistory);
            routes.post(prefix + "/interrupt", this::interrupt);
            routes.post(prefix + "/free", context -> context.status(200)); // jobs open and close models themselves
            routes.get(prefix + "/view", images::view);
            routes.post(prefix + "/upload/image", context -> json(context, images.upload(context)));
            routes.post(prefix + "/upload/mask", context -> json(context, images.uploadMask(context)));
            routes.get(
                    prefix + "/object_info",
                    context -> json(context, types(context).json()));
            routes.get(prefix + "/object_info/{node}", this::objectInfo);
            routes.get(prefix + "/system_stats", context -> json(context, systemStats()));
            routes.get(prefix + "/extensions", context -> json(context, new JsonArray()));
            routes.get(prefix + "/features", context -> json(context, features()));
            routes.wsBeforeUpgrade(prefix + "/ws", context -> Client.set(context, Client.of(context)));
            routes.ws(prefix + "/ws", this::listen);
        }
    }

    @Override
    public boolean serves(String path) {
        return path.startsWith(API + "/")
                ? ALSO_UNDER_API.contains(first(path.substring(API.length())))
                : PATHS.contains(first(path));
    }

    /** Up to the second stroke. */
    private static String first(String path) {
        int second = path.indexOf('/', 1);
        return second < 0 ? path : path.substring(0, second);
    }

    @Override
    public JsonObject error(ApiException error) {
        JsonObject inner = new JsonObject();
        inner.addProperty("type", error.code());
        inner.addProperty("message", error.getMessage());
        inner.addProperty("details", error.field().orElse(""));
        inner.add("extra_info", new JsonObject());
        JsonObject json = new JsonObject();
        json.add("error", inner);
        json.add("node_errors", new JsonObject());
        return json;
    }

    private static void json(Context context, JsonElement json) {
        context.contentType("application/json").result(json.toString());
    }

    private static JsonArray texts(List<String> texts) {
        JsonArray json = new JsonArray();
        texts.forEach(json::add);
        return json;
    }

    private NodeTypes types(Context context) {
        return new NodeTypes(models.models(), names(EntryKind.ADAPTER), images.names(Client.of(context)));
    }

    private List<String> names(EntryKind kind) {
        return models.entries(kind).stream().map(ModelEntry::name).toList();
    }

    private void submit(Context context) {
        String text = context.body();
        if (text.length() > Prompts.MOST_LETTERS) {
            throw new ApiException(
                    413,
                    "too_long",
                    "the graph has " + text.length() + " letters; expected at most " + Prompts.MOST_LETTERS);
        }
        JsonObject body = Body.object(text);
        try {
            json(context, accepted(context, body));
        } catch (GraphException e) {
            context.status(400);
            json(context, e.json());
        }
    }

    private JsonObject accepted(Context context, JsonObject body) {
        if (!(body.get("prompt") instanceof JsonObject graph)) {
            throw new GraphException("no_prompt", "No prompt provided");
        }
        if (graph.get("nodes") instanceof JsonArray) {
            throw new GraphException(
                    "invalid_prompt",
                    "this is a workflow as ComfyUI's page saves it; expected the form of its API, which the page"
                            + " exports too");
        }
        String client = Client.of(context);
        GraphJob job = GraphReader.read(graph, types(context), name -> images.digest(client, name));
        JobSpec spec = job.start()
                .map(start -> job.spec().withSource(new StartFiles(uploads.by(client)).of(start)))
                .orElse(job.spec());
        String id = id(body);
        JsonObject extra = extra(body);
        Prompts.Prompt prompt = new Prompts.Prompt(
                id,
                client,
                text(body, "client_id"),
                numbers.getAndIncrement(),
                graph.toString(),
                extra.toString(),
                job);
        boolean front = body.has("front") && body.get("front").toString().equals("true");
        Priorities.Allowed allowed =
                jobs.priorities().of(Submission.by(client).withId(id).withPriority(front ? 1 : 0), "front");
        submit(spec, allowed.by());
        prompts.add(prompt);
        jobs.queue()
                .subscribe(
                        id,
                        new JobMessages(
                                prompt,
                                sockets,
                                !text(extra, "preview_method").equals("none"),
                                () -> tellStatus(client)));
        tellStatus(client);
        JsonObject json = new JsonObject();
        json.addProperty("prompt_id", id);
        json.addProperty("number", prompt.number());
        json.add("node_errors", new JsonObject());
        allowed.warning().ifPresent(warning -> json.add("warnings", texts(List.of(warning))));
        return json;
    }

    private void submit(JobSpec spec, Submission by) {
        try {
            jobs.submit(spec, by);
        } catch (JobExistsException e) { // another request of the same id was faster
            throw idTaken();
        }
    }

    /** The client's own id of the job, or a new one. */
    private String id(JsonObject body) {
        String asked = text(body, "prompt_id");
        if (asked.isEmpty()) {
            return UUID.randomUUID().toString();
        }
        if (!NewJob.isId(asked) || jobs.queue().job(asked).isPresent()) {
            throw idTaken();
        }
        return asked;
    }

    private static ApiException idTaken() {
        return ApiException.invalid(
                "prompt_id", "prompt_id is no id, or that of another job; expected letters, digits, - and _");
    }

    private static JsonObject extra(JsonObject body) {
        JsonObject extra = body.get("extra_data") instanceof JsonObject given ? given.deepCopy() : new JsonObject();
        if (body.has("client_id")) {
            extra.add("client_id", body.get("client_id"));
        }
        return extra;
    }

    private static String text(JsonObject json, String key) {
        JsonElement value = json.get(key);
        String text = value != null && value.isJsonPrimitive() ? value.getAsString() : "";
        return text.length() > LONGEST_ID ? "" : text;
    }

    private void tellStatus(String client) {
        sockets.sendAll(client, Messages.status(remaining(client)));
    }

    private int remaining(String client) {
        return in(client, JobState.RUNNING, JobState.QUEUED).size();
    }

    /** A client's graphs whose jobs are in these states, the oldest first. */
    private List<Prompts.Prompt> in(String client, JobState... states) {
        List<Prompts.Prompt> in = new ArrayList<>();
        jobs.queue()
                .jobs(JobQuery.NEWEST.in(states).of(client))
                .forEach(job -> prompts.of(client, job.id()).ifPresent(in::add));
        Collections.reverse(in);
        return in;
    }

    private void queue(Context context) {
        JsonObject json = new JsonObject();
        json.add("queue_running", queued(Client.of(context), JobState.RUNNING));
        json.add("queue_pending", queued(Client.of(context), JobState.QUEUED));
        json(context, json);
    }

    private JsonArray queued(String client, JobState state) {
        JsonArray list = new JsonArray();
        in(client, state).forEach(prompt -> list.add(History.queued(prompt)));
        return list;
    }

    /** Takes jobs that wait out of the queue. */
    private void changeQueue(Context context) {
        String client = Client.of(context);
        JsonObject body = Body.object(context);
        List<String> deleted = deleted(body);
        boolean all = clears(body);
        in(client, JobState.QUEUED).stream()
                .map(Prompts.Prompt::id)
                .filter(id -> all || deleted.contains(id))
                .forEach(id -> jobs.queue().cancel(id));
        context.status(200);
    }

    private static boolean clears(JsonObject body) {
        return body.has("clear") && body.get("clear").toString().equals("true");
    }

    private static List<String> deleted(JsonObject body) {
        if (!(body.get("delete") instanceof JsonArray list)) {
            return List.of();
        }
        return list.asList().stream()
                .filter(JsonElement::isJsonPrimitive)
                .map(JsonElement::getAsString)
                .toList();
    }

    private void history(Context context) {
        int most = Optional.ofNullable(context.queryParam("max_items"))
                .map(ComfyApi::number)
                .orElse(LISTED);
        JsonObject json = new JsonObject();
        List<Prompts.Prompt> newest = new ArrayList<>(prompts.of(Client.of(context)));
        Collections.reverse(newest);
        List<JsonObject> jobs = newest.stream()
                .flatMap(prompt -> ended(prompt).stream().map(job -> History.ended(prompt, job)))
                .limit(most)
                .collect(Collectors.toCollection(ArrayList::new));
        Collections.reverse(jobs);
        jobs.forEach(job -> json.add(job.getAsJsonArray("prompt").get(1).getAsString(), job));
        json(context, json);
    }

    private static int number(String text) {
        try {
            return Math.max(0, Integer.parseInt(text));
        } catch (NumberFormatException e) {
            throw ApiException.invalid("max_items", "max_items is no whole number; expected one");
        }
    }

    private Optional<StoredJob> ended(Prompts.Prompt prompt) {
        return jobs.queue()
                .job(prompt.id())
                .filter(job -> job.state().isEnd() && job.started().isPresent());
    }

    private void historyOf(Context context) {
        JsonObject json = new JsonObject();
        prompts.of(Client.of(context), context.pathParam("id"))
                .ifPresent(prompt -> ended(prompt).ifPresent(job -> json.add(prompt.id(), History.ended(prompt, job))));
        json(context, json);
    }

    private void changeHistory(Context context) {
        String client = Client.of(context);
        JsonObject body = Body.object(context);
        List<String> deleted = deleted(body);
        boolean all = clears(body);
        prompts.of(client).stream()
                .filter(prompt -> all || deleted.contains(prompt.id()))
                .filter(prompt -> ended(prompt).isPresent())
                .forEach(prompt -> prompts.remove(client, prompt.id()));
        context.status(200);
    }

    /** Ends the client's jobs that run, or the one that the body names. */
    private void interrupt(Context context) {
        String asked = context.body().isBlank() ? "" : text(Body.object(context), "prompt_id");
        in(Client.of(context), JobState.RUNNING).stream()
                .map(Prompts.Prompt::id)
                .filter(id -> asked.isEmpty() || id.equals(asked))
                .forEach(id -> jobs.queue().cancel(id));
        context.status(200);
    }

    private void objectInfo(Context context) {
        String name = context.pathParam("node");
        JsonObject json = new JsonObject();
        types(context).of(name).ifPresent(type -> json.add(name, type.json()));
        json(context, json);
    }

    private void folder(Context context) {
        String folder = context.pathParam("folder");
        if (!FOLDERS.containsKey(folder)) {
            throw ApiException.notFound(
                    "there is no folder of this name; expected one of " + String.join(", ", FOLDERS.keySet()));
        }
        json(context, texts(names(FOLDERS.get(folder))));
    }

    private static JsonObject features() {
        JsonObject json = new JsonObject();
        json.addProperty("supports_preview_metadata", false);
        return json;
    }

    private static JsonObject systemStats() {
        OperatingSystemMXBean machine = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
        JsonObject system = new JsonObject();
        system.addProperty("os", System.getProperty("os.name"));
        system.addProperty("ram_total", machine.getTotalMemorySize());
        system.addProperty("ram_free", machine.getFreeMemorySize());
        system.addProperty("comfyui_version", "latent4j");
        system.addProperty("python_version", "");
        system.addProperty("pytorch_version", "");
        system.addProperty("embedded_python", false);
        system.add("argv", new JsonArray());
        JsonObject json = new JsonObject();
        json.add("system", system);
        json.add("devices", new JsonArray());
        return json;
    }

    private void listen(WsConfig socket) {
        socket.onConnect(this::connect);
        socket.onClose(context -> sockets.remove(context.session));
        socket.onError(context -> sockets.remove(context.session));
    }

    private void connect(WsConnectContext context) {
        context.session.setIdleTimeout(SILENCE);
        context.enableAutomaticPings(PING, TimeUnit.SECONDS);
        String client = Client.of(context);
        String asked = Optional.ofNullable(context.queryParam("clientId")).orElse("");
        String id = asked.isEmpty() || asked.length() > LONGEST_ID
                ? UUID.randomUUID().toString()
                : asked;
        sockets.add(client, id, context.session);
        JsonObject status = Messages.status(remaining(client));
        status.getAsJsonObject("data").addProperty("sid", id);
        sockets.send(client, id, status, true);
    }
}
