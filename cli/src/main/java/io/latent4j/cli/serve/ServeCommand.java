package io.latent4j.cli.serve;

import ai.djl.Device;
import com.google.common.base.Throwables;
import com.google.common.math.LongMath;
import com.google.common.util.concurrent.Uninterruptibles;
import io.latent4j.cli.options.DeviceOptions;
import io.latent4j.cli.output.ExitCode;
import io.latent4j.cli.output.UsageErrors;
import io.latent4j.cli.output.Version;
import io.latent4j.jobstore.SqlJobStore;
import io.latent4j.pipeline.model.Placement;
import io.latent4j.server.Server;
import io.latent4j.server.ServerOptions;
import io.latent4j.server.api.Limits;
import io.latent4j.service.queue.QueueOptions;
import io.latent4j.service.registry.ModelRegistry;
import io.latent4j.service.store.JobStore;
import io.latent4j.service.store.QueueBounds;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code latent4j serve}: images over HTTP until the process is asked to end. */
@Command(
        name = "serve",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        description =
                "Serves images over HTTP: a web page, and the APIs of OpenAI, Stable Diffusion web UI, ComfyUI and"
                        + " Ollama. Prints its address when it is ready, and a line on standard error for each request.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  latent4j serve",
            "  latent4j serve --models ~/models --lora-dir ~/loras",
            "  latent4j serve --model boats=boats.safetensors --device cuda",
            "  latent4j serve --host 0.0.0.0 --api-key-file key.txt",
            "  latent4j serve --database jdbc:postgresql://db/images --data /shared/l4j",
            "",
            "It is reached from this machine alone unless --host says otherwise. Ctrl-C",
            "ends it: jobs that wait go on when it is started again."
        })
public final class ServeCommand implements Callable<Integer> {
    private static final String KEY = "LATENT4J_API_KEY";
    private static final String PASSWORD = "LATENT4J_DATABASE_PASSWORD";
    private static final long MEBIBYTE = 1L << 20;
    private static final long GIBIBYTE = 1L << 30;

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--host",
            paramLabel = "NAME",
            defaultValue = "127.0.0.1",
            description = "Name or address of this machine to listen at; 0.0.0.0 is all it has (default:"
                    + " ${DEFAULT-VALUE}, which other machines do not reach).")
    private String host;

    @Option(
            names = {"-p", "--port"},
            paramLabel = "N",
            defaultValue = "7860",
            description = "Port; 0 takes a free one (default: ${DEFAULT-VALUE}).")
    private int port;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "Folder of jobs and images, which is made (default: latent4j in the folder for the data of"
                    + " programs, ~/.local/share for instance).")
    private Optional<Path> data;

    @ArgGroup(validate = false, heading = "%nModels:%n")
    private ServedFiles files = new ServedFiles();

    @Mixin
    private DeviceOptions device;

    @ArgGroup(validate = false, heading = "%nWho may use it:%n")
    private Visitors visitors = new Visitors();

    @ArgGroup(validate = false, heading = "%nHow much:%n")
    private Amounts amounts = new Amounts();

    /** Who is let in. */
    static final class Visitors {
        @Option(
                names = "--api-key-file",
                paramLabel = "FILE",
                description =
                        "File with a key on each line, of which clients must give one; made with a new key if it is"
                                + " not there. Or give one key in the environment's " + KEY + ".")
        private Optional<Path> keys = Optional.empty();

        @Option(
                names = "--no-auth",
                description = "Let clients of other machines in without a key. Whoever reaches the port can use it.")
        private boolean open;

        @Option(
                names = "--allow-host",
                paramLabel = "NAME",
                description = "Another name by which clients call this server.")
        private List<String> hosts = new ArrayList<>();

        @Option(
                names = "--public-url",
                paramLabel = "URL",
                description = "Where clients reach it behind a proxy, https://images.example.com for instance: for the"
                        + " addresses of images in answers, and as a name like --allow-host (default: as clients call"
                        + " it).")
        private Optional<URI> publicUrl = Optional.empty();

        @Option(
                names = "--allow-origin",
                paramLabel = "URL",
                description = "Web pages that may use it, https://example.com for instance (CORS).")
        private List<String> origins = new ArrayList<>();

        @Option(names = "--tls-cert", paramLabel = "FILE", description = "Certificate in PEM, for HTTPS.")
        private Optional<Path> certificate = Optional.empty();

        @Option(names = "--tls-key", paramLabel = "FILE", description = "Its private key in PEM, PKCS #8.")
        private Optional<Path> key = Optional.empty();

        @Option(
                names = "--allow-priority",
                paramLabel = "WHO",
                description = "Whose jobs may go before those of others: all, or key-N for the Nth key; may be given"
                        + " again (default: nobody's).")
        private List<String> priorities = new ArrayList<>();

        @Option(names = "--log-prompts", description = "Write prompts to the log too.")
        private boolean logPrompts;
    }

    /** How much is let in and kept. */
    static final class Amounts {
        @Option(
                names = "--queue",
                paramLabel = "N",
                defaultValue = "100",
                description = "How many jobs may wait (default: ${DEFAULT-VALUE}).")
        private int waiting = 100;

        @Option(
                names = "--queue-of-client",
                paramLabel = "N",
                defaultValue = "20",
                description = "How many of them of one client (default: ${DEFAULT-VALUE}).")
        private int ofOneClient = 20;

        @Option(
                names = "--max-pixels",
                paramLabel = "N",
                defaultValue = "4194304",
                description = "Width times height of an image that is made (default: ${DEFAULT-VALUE}).")
        private long pixels = Limits.DEFAULT.pixels();

        @Option(
                names = "--max-steps",
                paramLabel = "N",
                defaultValue = "200",
                description = "Denoising steps of a job (default: ${DEFAULT-VALUE}).")
        private int steps = Limits.DEFAULT.steps();

        @Option(
                names = "--max-images",
                paramLabel = "N",
                defaultValue = "64",
                description = "Images of a job (default: ${DEFAULT-VALUE}).")
        private int images = Limits.DEFAULT.images();

        @Option(
                names = "--max-work",
                paramLabel = "N",
                description = "Images times steps times pixels of a job (default: --max-pixels times --max-steps, which"
                        + " is 64 images of 512x512 in 50 steps, for instance).")
        private Optional<Long> work = Optional.empty();

        @Option(
                names = "--max-body",
                paramLabel = "MIB",
                defaultValue = "64",
                description = "Mebibytes of a request (default: ${DEFAULT-VALUE}).")
        private int body = 64;

        @Option(
                names = "--max-uploads",
                paramLabel = "MIB",
                defaultValue = "4096",
                description = "Mebibytes of all images that are sent; those that were not used for longest make room"
                        + " (default: ${DEFAULT-VALUE}; of one client within an hour, a quarter).")
        private int uploads = 4096;

        @Option(
                names = "--model-memory",
                paramLabel = "GIB",
                description = "Gibibytes that the weights of open models may take; those that nobody uses are closed to"
                        + " make room (default: 80 %% of the machine's memory, and no limit on a GPU).")
        private Optional<Double> modelMemory = Optional.empty();

        @Option(
                names = "--keep-days",
                paramLabel = "N",
                defaultValue = "30",
                description = "How long jobs and their images are kept (default: ${DEFAULT-VALUE}).")
        private int days = 30;

        @Option(
                names = "--keep-jobs",
                paramLabel = "N",
                defaultValue = "10000",
                description = "How many are kept (default: ${DEFAULT-VALUE}).")
        private int jobs = 10_000;

        @Option(
                names = "--grace",
                paramLabel = "SECONDS",
                defaultValue = "10",
                description = "How long running jobs may go on after Ctrl-C (default: ${DEFAULT-VALUE}).")
        private int grace = 10;

        @Option(
                names = "--database",
                paramLabel = "URL",
                description = "Where jobs are kept: jdbc:postgresql://host/name, which several servers can share with"
                        + " --data on a shared disk; its password comes from the environment's " + PASSWORD
                        + " (default: a file in --data).")
        private Optional<String> database = Optional.empty();

        @Option(names = "--database-user", paramLabel = "NAME", description = "Who asks the database.")
        private Optional<String> user = Optional.empty();
    }

    @Override
    public Integer call() throws IOException {
        System.setProperty("org.slf4j.simpleLogger.log.io.latent4j", "info");
        System.setProperty("org.slf4j.simpleLogger.showDateTime", "true");
        System.setProperty("org.slf4j.simpleLogger.dateTimeFormat", "yyyy-MM-dd HH:mm:ss");
        System.setProperty("org.slf4j.simpleLogger.showThreadName", "false");
        System.setProperty("org.slf4j.simpleLogger.showShortLogName", "true");
        ServerOptions options = UsageErrors.of(spec, this::options);
        QueueOptions queue = UsageErrors.of(spec, this::queue);
        Device on = UsageErrors.of(spec, device::device);
        Placement placement = UsageErrors.of(spec, () -> new Placement(on, device.precision(on)));
        Path folder = data.orElseGet(() -> DataFolder.of(
                System.getProperty("os.name"), System.getenv(), Path.of(System.getProperty("user.home"))));
        Files.createDirectories(folder);
        AtomicReference<Throwable> failure = new AtomicReference<>();
        CountDownLatch end = new CountDownLatch(1);
        Thread serving = new Thread(
                () -> {
                    try {
                        serve(options, placement, queue, folder, end);
                    } catch (IOException | RuntimeException | Error e) {
                        failure.set(e);
                    }
                },
                "latent4j-serve");
        serving.start();
        try {
            serving.join();
        } catch (InterruptedException e) { // Ctrl-C, or the system asks; it may ask again while the server closes
            end.countDown();
            Uninterruptibles.joinUninterruptibly(serving);
        }
        if (failure.get() != null) {
            Throwables.throwIfInstanceOf(failure.get(), IOException.class);
            Throwables.throwIfUnchecked(failure.get());
        }
        return ExitCode.OK;
    }

    private void serve(ServerOptions options, Placement placement, QueueOptions queue, Path folder, CountDownLatch end)
            throws IOException {
        try (ModelRegistry registry = UsageErrors.of(spec, () -> files.addTo(registry(placement)));
                JobStore store = UsageErrors.of(spec, () -> store(folder));
                Server server = Server.start(options, registry, store, queue, folder)) {
            PrintWriter out = spec.commandLine().getOut();
            out.println(server.uri());
            out.flush();
            Uninterruptibles.awaitUninterruptibly(end);
        }
    }

    private ModelRegistry registry(Placement placement) {
        if (amounts.modelMemory.isEmpty()) {
            return new ModelRegistry(placement);
        }
        double gibibytes = amounts.modelMemory.get();
        if (!(gibibytes > 0)) {
            throw new IllegalArgumentException("--model-memory is " + gibibytes + "; expected more than 0 gibibytes");
        }
        return new ModelRegistry(placement, (long) (gibibytes * GIBIBYTE));
    }

    private ServerOptions options() throws IOException {
        if (visitors.certificate.isPresent() != visitors.key.isPresent()) {
            throw new IllegalArgumentException("only one of --tls-cert and --tls-key is given; expected both");
        }
        return new ServerOptions(
                host,
                port,
                keys(),
                visitors.open,
                Set.copyOf(visitors.hosts),
                Set.copyOf(visitors.origins),
                visitors.certificate.map(file -> new ServerOptions.Tls(file, visitors.key.orElseThrow())),
                new Limits(
                        amounts.body * MEBIBYTE,
                        Limits.DEFAULT.imagePixels(),
                        amounts.pixels,
                        amounts.steps,
                        amounts.images,
                        amounts.work.orElse(LongMath.saturatedMultiply(amounts.pixels, amounts.steps)),
                        Limits.DEFAULT.promptLetters(),
                        amounts.uploads * MEBIBYTE),
                Duration.ofSeconds(amounts.grace),
                visitors.logPrompts,
                files.usual(),
                Set.copyOf(visitors.priorities),
                visitors.publicUrl);
    }

    private List<String> keys() throws IOException {
        List<String> keys = new ArrayList<>();
        if (visitors.keys.isPresent()) {
            keys.addAll(KeyFile.read(visitors.keys.get()));
        }
        Optional.ofNullable(System.getenv(KEY)).filter(key -> !key.isBlank()).ifPresent(keys::add);
        return keys;
    }

    private QueueOptions queue() {
        return QueueOptions.DEFAULT
                .withBounds(new QueueBounds(amounts.waiting, amounts.ofOneClient))
                .keeping(Duration.ofDays(amounts.days), amounts.jobs);
    }

    private JobStore store(Path folder) {
        return amounts.database.isPresent()
                ? SqlJobStore.of(
                        amounts.database.get(),
                        amounts.user.orElse(""),
                        Optional.ofNullable(System.getenv(PASSWORD)).orElse(""))
                : SqlJobStore.file(folder.resolve("jobs"));
    }
}
