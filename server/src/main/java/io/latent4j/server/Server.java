package io.latent4j.server;

import io.javalin.Javalin;
import io.javalin.config.JavalinConfig;
import io.javalin.config.SizeUnit;
import io.javalin.http.Context;
import io.javalin.http.MethodNotAllowedResponse;
import io.javalin.util.JavalinBindException;
import io.latent4j.server.a1111.A1111Api;
import io.latent4j.server.api.Api;
import io.latent4j.server.api.ApiException;
import io.latent4j.server.api.Client;
import io.latent4j.server.api.EventStreams;
import io.latent4j.server.api.Priorities;
import io.latent4j.server.api.ServedJobs;
import io.latent4j.server.api.ServedModels;
import io.latent4j.server.api.Uploads;
import io.latent4j.server.comfy.ComfyApi;
import io.latent4j.server.ollama.OllamaApi;
import io.latent4j.server.openai.OpenAiApi;
import io.latent4j.server.own.OwnApi;
import io.latent4j.server.page.Page;
import io.latent4j.service.JobRunner;
import io.latent4j.service.queue.JobEvent;
import io.latent4j.service.queue.JobQueue;
import io.latent4j.service.queue.QueueOptions;
import io.latent4j.service.registry.ModelRegistry;
import io.latent4j.service.store.ImageFolder;
import io.latent4j.service.store.JobStore;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.List;
import java.util.Optional;
import org.eclipse.jetty.ee10.servlet.SessionHandler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.handler.MinimumDataRateHandler;
import org.eclipse.jetty.session.NullSessionCache;
import org.eclipse.jetty.session.NullSessionDataStore;
import org.eclipse.jetty.session.SessionCache;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Serves jobs over HTTP until it is closed. */
public final class Server implements AutoCloseable {
    private static final Logger LOGGER = LoggerFactory.getLogger(Server.class);
    private static final int HEADER_BYTES = 16 << 10;
    private static final int SLOWEST = 1024; // bytes a second of a body, below which a request is given up

    private static final int BODIES = 4; // of the largest size that are held, if memory is four times as large

    private final ServerOptions options;
    private final JobQueue queue;
    private final EventStreams streams;
    private final UploadClearing clearing;
    private final Metrics metrics;
    private final Javalin http;
    private volatile boolean stopping;

    private Server(
            ServerOptions options,
            ModelRegistry registry,
            JobStore store,
            QueueOptions queueOptions,
            Path data,
            Optional<KeyStore> keys) {
        this.options = options;
        ImageFolder images = new ImageFolder(data.resolve("images"));
        this.queue = new JobQueue(new JobRunner(registry), store, images, queueOptions);
        this.streams = new EventStreams(queue);
        this.metrics = new Metrics(queue);
        Pace pace = new Pace();
        queue.observe((id, event) -> {
            if (event instanceof JobEvent.Ended ended) {
                pace.ended(ended.job());
            }
        });
        ServedModels models = new ServedModels(registry, options.model());
        Uploads uploads = new Uploads(data.resolve("uploads"), options.limits(), queue);
        this.clearing = new UploadClearing(uploads, queue, queueOptions.keepFor());
        ServedJobs jobs = new ServedJobs(
                queue, images, options.limits(), models, new Priorities(options.priorities()), options.logPrompts());
        List<Api> apis = List.of(
                new OpenAiApi(jobs, models, uploads, streams, options.publicUrl()),
                new OllamaApi(jobs, models, uploads, streams),
                new A1111Api(jobs, models, uploads, options.limits()),
                new ComfyApi(jobs, models, uploads),
                new OwnApi(jobs, models, uploads, streams));
        this.http = Javalin.create(config -> {
            Errors errors = new Errors(apis, pace, metrics);
            configureHttp(config, keys, errors);
            configureRoutes(config, apis, errors);
        });
    }

    /**
     * Starts a server.
     *
     * @param registry of the models that clients may name; stays the caller's to close, after this
     * @param store of jobs; stays the caller's to close, after this
     * @param data a folder for images that are made and sent
     * @throws IOException if a certificate cannot be read, or the port is taken
     */
    public static Server start(
            ServerOptions options, ModelRegistry registry, JobStore store, QueueOptions queue, Path data)
            throws IOException {
        Optional<KeyStore> keys = options.tls().isPresent()
                ? Optional.of(PemKeyStore.of(options.tls().get()))
                : Optional.empty();
        Server server = new Server(options, registry, store, queue, data, keys);
        try {
            server.http.start();
        } catch (JavalinBindException e) {
            server.close();
            throw new IOException(
                    options.host() + ":" + options.port()
                            + ": cannot be listened at; another program may do so; expected a port that is free",
                    e);
        } catch (RuntimeException e) {
            server.close();
            throw e;
        }
        return server;
    }

    private void configureHttp(JavalinConfig config, Optional<KeyStore> keys, Errors errors) {
        config.startup.showJavalinBanner = false;
        config.startup.showOldJavalinVersionWarning = false;
        config.startup.startupWatcherEnabled = false;
        config.jetty.host = options.host();
        config.jetty.port = options.port();
        config.http.maxRequestSize = options.limits().bodyBytes();
        config.jetty.multipartConfig.maxTotalRequestSize(options.limits().bodyBytes(), SizeUnit.BYTES);
        config.http.strictContentTypes = false;
        config.http.prefer405over404 = true;
        config.jetty.modifyHttpConfiguration(http -> {
            http.setSendServerVersion(false);
            http.setRequestHeaderSize(HEADER_BYTES);
        });
        ProtocolErrors protocol = new ProtocolErrors(errors);
        config.jetty.modifyServer(server -> server.setErrorHandler(protocol));
        config.jetty.modifyServletContextHandler(context -> {
            context.insertHandler(new BodyBudget(bodiesInMemory()));
            context.insertHandler(new MinimumDataRateHandler(SLOWEST, 0));
            context.setErrorHandler(protocol);
            keepNothing(context.getSessionHandler());
        });
        config.router.javaLangErrorHandler(errors::answer);
        keys.ifPresent(store -> config.jetty.addConnector((server, http) -> secure(server, http, store)));
    }

    /** How many bytes of bodies may be held at a time. */
    private long bodiesInMemory() {
        long one = options.limits().bodyBytes();
        return Math.max(one, Math.min(BODIES * one, Runtime.getRuntime().maxMemory() / BODIES));
    }

    /** No session is of use here; each socket would begin one, and it would be kept. */
    private static void keepNothing(SessionHandler sessions) {
        SessionCache nothing = new NullSessionCache(sessions);
        nothing.setSessionDataStore(new NullSessionDataStore());
        sessions.setSessionCache(nothing);
        sessions.setUsingCookies(false);
    }

    private ServerConnector secure(org.eclipse.jetty.server.Server server, HttpConfiguration http, KeyStore keys) {
        SslContextFactory.Server tls = new SslContextFactory.Server();
        tls.setKeyStore(keys);
        tls.setKeyStorePassword("");
        tls.setKeyManagerPassword("");
        HttpConfiguration secure = new HttpConfiguration(http);
        secure.addCustomizer(new SecureRequestCustomizer(false)); // clients may call an address, which has no SNI
        ServerConnector connector = new ServerConnector(server, tls, new HttpConnectionFactory(secure));
        connector.setHost(options.host());
        connector.setPort(options.port());
        return connector;
    }

    private void configureRoutes(JavalinConfig config, List<Api> apis, Errors errors) {
        Access access = new Access(options);
        config.requestLogger.http((context, milliseconds) -> LOGGER.info(
                "{} {} {} {} ms {}",
                context.req().getMethod(),
                context.path(),
                context.statusCode(),
                Math.round(milliseconds),
                Client.of(context)));
        config.routes.before(context -> {
            context.header("X-Content-Type-Options", "nosniff");
            context.header("Referrer-Policy", "no-referrer");
            access.check(context);
        });
        config.routes.wsBeforeUpgrade(access::checkSocket);
        config.routes.options("/*", context -> context.status(204));
        config.routes.get("/healthz", context -> context.result("ok"));
        config.routes.get("/readyz", this::ready);
        config.routes.get(
                "/metrics",
                context -> context.contentType("text/plain; version=0.0.4; charset=utf-8")
                        .result(metrics.text()));
        new Page().addTo(config.routes);
        apis.forEach(api -> api.addTo(config.routes));
        config.routes.exception(Exception.class, errors::answer);
        config.routes.exception(MethodNotAllowedResponse.class, errors::answer); // or Javalin tells it in its own form
        config.routes.error(404, context -> {
            if (context.attribute(Errors.ANSWERED) == null) {
                errors.answer(ApiException.notFound("there is nothing at this address"), context);
            }
        });
    }

    private void ready(Context context) {
        if (stopping) {
            throw new ApiException(503, "stopping", "the server stops");
        }
        queue.status(); // reaches the store
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
        clearing.close();
        queue.stop(options.grace());
        streams.close();
        http.stop();
        metrics.close();
    }
}
