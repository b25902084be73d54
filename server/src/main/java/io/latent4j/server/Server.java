package io.latent4j.server;

import io.javalin.Javalin;
import io.javalin.config.JavalinConfig;
import io.javalin.http.Context;
import io.latent4j.server.api.Api;
import io.latent4j.server.api.ApiException;
import io.latent4j.server.api.Client;
import io.latent4j.server.api.EventStreams;
import io.latent4j.server.api.ServedJobs;
import io.latent4j.server.api.ServedModels;
import io.latent4j.server.api.Uploads;
import io.latent4j.server.own.OwnApi;
import io.latent4j.server.page.Page;
import io.latent4j.service.JobRunner;
import io.latent4j.service.queue.JobQueue;
import io.latent4j.service.queue.QueueOptions;
import io.latent4j.service.registry.ModelRegistry;
import io.latent4j.service.store.ImageFolder;
import io.latent4j.service.store.JobStore;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Serves jobs over HTTP until it is closed. */
public final class Server implements AutoCloseable {
    private static final Logger LOGGER = LoggerFactory.getLogger(Server.class);

    private final ServerOptions options;
    private final JobQueue queue;
    private final EventStreams streams;
    private final PrometheusMeterRegistry meters = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final Javalin http;
    private volatile boolean stopping;

    private Server(
            ServerOptions options, ModelRegistry registry, JobStore store, QueueOptions queueOptions, Path data) {
        this.options = options;
        ImageFolder images = new ImageFolder(data.resolve("images"));
        this.queue = new JobQueue(new JobRunner(registry), store, images, queueOptions);
        this.streams = new EventStreams(queue);
        ServedModels models = new ServedModels(registry, Set.of());
        Uploads uploads = new Uploads(data.resolve("uploads"), options.limits());
        ServedJobs jobs = new ServedJobs(queue, images, options.limits(), models);
        List<Api> apis = List.of(new OwnApi(jobs, models, uploads, streams));
        this.http = Javalin.create(config -> configure(config, apis));
    }

    /**
     * Starts a server.
     *
     * @param registry of the models that clients may name; stays the caller's to close, after this
     * @param store of jobs; stays the caller's to close, after this
     * @param data a folder for images that are made and sent
     */
    public static Server start(
            ServerOptions options, ModelRegistry registry, JobStore store, QueueOptions queue, Path data) {
        Server server = new Server(options, registry, store, queue, data);
        try {
            server.http.start();
        } catch (RuntimeException e) {
            server.close();
            throw e;
        }
        return server;
    }

    private void configure(JavalinConfig config, List<Api> apis) {
        config.startup.showJavalinBanner = false;
        config.startup.showOldJavalinVersionWarning = false;
        config.jetty.host = options.host();
        config.jetty.port = options.port();
        config.http.maxRequestSize = options.limits().bodyBytes();
        config.http.strictContentTypes = false;
        config.jetty.modifyHttpConfiguration(http -> {
            http.setSendServerVersion(false);
            http.setRequestHeaderSize(16 << 10);
        });
        config.requestLogger.http((context, milliseconds) -> LOGGER.info(
                "{} {} {} {} ms {}",
                context.req().getMethod(),
                context.path(),
                context.statusCode(),
                Math.round(milliseconds),
                Client.of(context)));
        Access access = new Access(options);
        Errors errors = new Errors(apis, new Pace());
        config.routes.before(context -> {
            context.header("X-Content-Type-Options", "nosniff");
            context.header("Referrer-Policy", "no-referrer");
            access.check(context);
        });
        config.routes.options("/*", context -> context.status(204));
        config.routes.get("/healthz", context -> context.result("ok"));
        config.routes.get("/readyz", this::ready);
        config.routes.get(
                "/metrics",
                context -> context.contentType("text/plain; version=0.0.4").result(meters.scrape()));
        new Page().addTo(config.routes);
        apis.forEach(api -> api.addTo(config.routes));
        config.routes.exception(Exception.class, errors::answer);
        config.routes.error(404, context -> {
            if (context.resultInputStream() == null || context.contentType() == null) {
                errors.answer(ApiException.notFound("there is nothing at this address"), context);
            }
        });
    }

    private void ready(Context context) {
        if (stopping) {
            throw new ApiException(503, "stopping", "the server stops");
        }
        context.result("ok");
    }

    /** Where it is reached. */
    public URI uri() {
        String scheme = options.tls().isPresent() ? "https" : "http";
        String host = options.host().contains(":") ? "[" + options.host() + "]" : options.host();
        return URI.create(scheme + "://" + host + ":" + http.port() + "/");
    }

    /** Stops: no new jobs, those that run may end within the grace, the others wait in the store. */
    @Override
    public void close() {
        stopping = true;
        queue.stop(options.grace());
        streams.close();
        http.stop();
    }
}
