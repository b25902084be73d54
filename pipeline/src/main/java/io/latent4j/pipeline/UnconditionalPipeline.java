package io.latent4j.pipeline;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.latent4j.core.config.Config;
import io.latent4j.core.engine.PyTorch;
import io.latent4j.core.image.Images;
import io.latent4j.core.memory.Leases;
import io.latent4j.core.nn.Pass;
import io.latent4j.core.nn.Precision;
import io.latent4j.core.ops.Ops;
import io.latent4j.core.random.NoiseSource;
import io.latent4j.hub.DownloadListener;
import io.latent4j.pipeline.files.ModelLocator;
import io.latent4j.pipeline.model.Devices;
import io.latent4j.pipeline.model.ModelDefaults;
import io.latent4j.pipeline.request.Batch;
import io.latent4j.pipeline.request.DenoisingRange;
import io.latent4j.pipeline.request.GenerationRequest;
import io.latent4j.pipeline.request.Guidance;
import io.latent4j.pipeline.request.Tiling;
import io.latent4j.pipeline.run.BatchDenoising;
import io.latent4j.pipeline.run.Cancellation;
import io.latent4j.pipeline.run.ImageNoise;
import io.latent4j.pipeline.run.LatentBlend;
import io.latent4j.pipeline.run.ParametersText;
import io.latent4j.pipeline.run.Run;
import io.latent4j.schedulers.Denoiser;
import io.latent4j.schedulers.LatentSize;
import io.latent4j.schedulers.Plan;
import io.latent4j.schedulers.PredictionType;
import io.latent4j.schedulers.Scheduler;
import io.latent4j.schedulers.Steps;
import io.latent4j.schedulers.catalogue.Schedulers;
import io.latent4j.schedulers.config.SchedulerConfig;
import io.latent4j.schedulers.process.NoiseProcess;
import io.latent4j.unet.UNet2DModel;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.stream.Collectors;

/**
 * Images from nothing but noise, by a network that works on pixels (<a href="https://arxiv.org/abs/2006.11239">Ho et al.
 * 2020</a>): a folder in the layout of diffusers with a {@code unet} and a {@code scheduler}.
 *
 * <p>Immutable; any number of threads may generate at a time. {@link #close} ends the runs that use the
 * weights at their next step, waits for them and frees the weights.
 */
public final class UnconditionalPipeline implements AutoCloseable {
    private static final String INDEX = "model_index.json";
    private static final List<String> CLASSES = List.of("DDPMPipeline", "DDIMPipeline");
    private static final int STEPS = 50;
    private static final int SIDE = 32;

    private final String name;
    private final NDManager manager;
    private final DataType dataType;
    private final UNet2DModel unet;
    private final SchedulerConfig scheduler;
    private final ModelDefaults defaults;
    private final Leases leases;

    private UnconditionalPipeline(
            String name,
            NDManager manager,
            DataType dataType,
            UNet2DModel unet,
            SchedulerConfig scheduler,
            ModelDefaults defaults,
            Leases leases) {
        this.name = name;
        this.manager = manager;
        this.dataType = dataType;
        this.unet = unet;
        this.scheduler = scheduler;
        this.defaults = defaults;
        this.leases = leases;
    }

    /** Whether {@code folder} has a model for this pipeline; one that has none at all has not. */
    public static boolean runs(Path folder) throws IOException {
        Path index = folder.resolve(INDEX);
        return Files.isRegularFile(index) && CLASSES.contains(Config.read(index).text("_class_name", ""));
    }

    /**
     * Loads a model by what users call it, on the best device there is, a GPU before the CPU: a folder on this machine, or a
     * name on the Hugging Face hub, such as {@code owner/name}, from which it is downloaded to the cache that other tools
     * share.
     *
     * @throws IOException if there is no such model, or a file is missing or damaged; a {@link
     *     io.latent4j.hub.HubException} if the hub and its cache do not have it
     * @throws IllegalArgumentException if a config asks for what is not supported, or weights do not fit
     */
    public static UnconditionalPipeline load(String name) throws IOException {
        Path folder = new ModelLocator(Optional.empty(), DownloadListener.logged()).locate(name);
        Device device = Devices.named("auto");
        String called =
                ModelLocator.local(name).map(UnconditionalPipeline::name).orElse(name);
        return load(called, folder, Optional.empty(), device, Precision.of(Devices.dataType("auto", device)));
    }

    private static String name(Path folder) {
        Path called = folder.toAbsolutePath().normalize().getFileName();
        return called == null ? folder.toString() : called.toString();
    }

    /**
     * Loads a model.
     *
     * @param dataType of the weights and activations; images and schedulers are float32 always
     * @throws IOException if a file is missing or damaged
     * @throws IllegalArgumentException if a config asks for what is not supported, or weights do not fit
     */
    public static UnconditionalPipeline load(Path folder, Device device, DataType dataType) throws IOException {
        return load(name(folder), folder, Optional.empty(), device, Precision.of(dataType));
    }

    /**
     * The same, of one variant of the weights, which may be stored in another type than is computed in.
     *
     * @param name what images call the model
     * @param variant such as {@code fp16}; empty for the plain ones
     */
    public static UnconditionalPipeline load(
            String name, Path folder, Optional<String> variant, Device device, Precision precision) throws IOException {
        Config index = Config.read(folder.resolve(INDEX));
        if (!CLASSES.contains(index.text("_class_name", ""))) {
            throw index.bad("_class_name", "is none of " + String.join(", ", CLASSES));
        }
        Config schedulerJson = Config.read(folder.resolve("scheduler").resolve("scheduler_config.json"));
        SchedulerConfig scheduler = SchedulerConfig.from(schedulerJson.json(), schedulerJson.name());
        Config network = Config.read(folder.resolve("unet").resolve("config.json"));
        int side = network.isNull("sample_size") ? SIDE : network.integer("sample_size", SIDE);
        index.requirePositive("latent4j_steps");
        ModelDefaults defaults = new ModelDefaults(side, side, index.integer("latent4j_steps", STEPS), 1);
        NDManager manager = PyTorch.engine().newBaseManager(device);
        try {
            UNet2DModel unet = UNet2DModel.load(folder.resolve("unet"), variant, manager, precision);
            return new UnconditionalPipeline(
                    name, manager, precision.compute(), unet, scheduler, defaults, new Leases("the model " + name));
        } catch (IOException | RuntimeException | Error e) {
            manager.close();
            throw e;
        }
    }

    /**
     * A network that is there already, one in training for instance, in float32. It stays the caller's, who closes {@code
     * manager} and not this.
     *
     * @param name what to call the model
     * @param manager that runs make theirs below
     */
    public static UnconditionalPipeline of(
            String name, NDManager manager, UNet2DModel unet, SchedulerConfig scheduler, ModelDefaults defaults) {
        return new UnconditionalPipeline(
                name, manager, DataType.FLOAT32, unet, scheduler, defaults, new Leases("the model " + name));
    }

    /** This model under another scheduler file. The weights are shared: closing one closes both. */
    public UnconditionalPipeline withScheduler(SchedulerConfig scheduler) {
        return new UnconditionalPipeline(name, manager, dataType, unet, scheduler, defaults, leases);
    }

    /** What images call the model. */
    public String name() {
        return name;
    }

    /** What a request that leaves things open gets; the guidance scale is 1. */
    public ModelDefaults defaults() {
        return defaults;
    }

    /** What the model was trained with, and how it is sampled where a request leaves that open. */
    public SchedulerConfig scheduler() {
        return scheduler;
    }

    /** Owns the weights; runs make their own managers below it. */
    public NDManager manager() {
        return manager;
    }

    /**
     * Makes the images a request asks for.
     *
     * @param request its prompt is empty, and it asks for no guidance and nothing else that is for texts or latents
     * @throws IllegalArgumentException if the model cannot make them, naming all that is asked for in vain
     * @throws CancellationException if {@code progress} or an interrupt ended the run
     * @throws IllegalStateException if numbers overflow on the way
     */
    public Generation generate(GenerationRequest request, Progress progress) {
        check(request);
        GenerationRequest seeded = request.seeded();
        Batch batch = seeded.batch();
        BatchEvents events = new BatchEvents(progress, batch.count(), batch.batchSize());
        List<GeneratedImage> results = new ArrayList<>();
        try (Leases.Lease lease = leases.lease()) {
            Cancellation cancellation = new Cancellation(progress::cancelled, List.of(lease));
            for (int first = 0; first < batch.count(); first += batch.batchSize()) {
                int images = Math.min(batch.batchSize(), batch.count() - first);
                events.batch(first, images);
                NoiseSource noise = ImageNoise.of(batch, first, images);
                try (NDManager own = manager.newSubManager()) {
                    NDArray samples = samples(own, seeded, images, noise, cancellation, events);
                    events.onDecoding();
                    for (BufferedImage image : Images.of(samples)) {
                        int i = results.size();
                        results.add(new GeneratedImage(image, batch.seed(i), parameters(seeded, i)));
                        events.onImage(i, results.get(i));
                    }
                }
            }
        }
        return new Generation(results, List.of());
    }

    /**
     * What {@code request} leads to, with noise from {@code noise}: its first draw is the start, the others are the
     * sampler's.
     *
     * @param manager owns the result
     * @return (request.batch().count(), channels, height, width), about [-1, 1] and not clipped
     */
    public NDArray samples(NDManager manager, GenerationRequest request, NoiseSource noise, Progress progress) {
        check(request);
        int count = request.batch().count();
        BatchEvents events = new BatchEvents(progress, count, count);
        events.batch(0, count);
        try (Leases.Lease lease = leases.lease()) {
            Cancellation cancellation = new Cancellation(progress::cancelled, List.of(lease));
            return samples(manager, request, count, noise, cancellation, events);
        }
    }

    @SuppressWarnings("try")
    private NDArray samples(
            NDManager manager,
            GenerationRequest request,
            int images,
            NoiseSource noise,
            Cancellation cancellation,
            BatchEvents events) {
        Scheduler sampler = scheduler(request);
        Shape shape = new Shape(images, unet.config().inChannels(), height(request), width(request));
        Plan plan = sampler.plan(steps(request), LatentSize.of(shape));
        try (NDScope scope = new NDScope()) {
            NDArray start = plan.initialLatents(noise.like(manager.zeros(shape)));
            NDScope.unregister(start);
            BatchDenoising loop = new BatchDenoising(
                    sampler,
                    plan,
                    plan.steps(),
                    noise,
                    cancellation,
                    (step, level, x, preview) -> events.onStep(step, plan.steps(), level, x, preview),
                    Images::of);
            events.onDenoising();
            return loop.run(start, denoiser(), LatentBlend.NOTHING, done -> {}, manager);
        }
    }

    private Denoiser denoiser() {
        NoiseProcess process = scheduler.process();
        PredictionType type = scheduler.predictionType();
        return (x, at) -> {
            NDArray input = Ops.cast(process.input(x, at), dataType);
            float[] times = new float[Math.toIntExact(x.getShape().get(0))];
            Arrays.fill(times, (float) at.timestep());
            NDArray output =
                    unet.forward(Pass.inference(), input, x.getManager().create(times));
            return process.read(type, Ops.cast(output, DataType.FLOAT32), x, at);
        };
    }

    private void check(GenerationRequest request) {
        Map<String, Boolean> asked = new LinkedHashMap<>();
        asked.put("prompt", !request.prompt().text().isEmpty());
        asked.put("negative prompt", !request.prompt().negative().isEmpty());
        asked.put("clip skip", request.prompt().clipSkip() > 1);
        asked.put(
                "guidance",
                request.guidance().scale().orElse(1) > 1
                        || !request.guidance().withScale(1).equals(Guidance.DEFAULT.withScale(1)));
        asked.put("cache", request.sampling().caching().isOn());
        asked.put("adapter", !request.adapters().isEmpty());
        asked.put("control", !request.controls().isEmpty());
        asked.put("micro-conditioning", request.micro().isPresent());
        asked.put("image", request.source().isPresent());
        asked.put("reference image", !request.prompt().references().isEmpty());
        asked.put("upscaling", request.upscale().isPresent());
        asked.put("denoising range", !request.sampling().range().equals(DenoisingRange.ALL));
        asked.put("tiling", !request.tiling().equals(Tiling.AUTO));
        String tooMuch = asked.entrySet().stream()
                .filter(Map.Entry::getValue)
                .map(each -> "no " + each.getKey())
                .collect(Collectors.joining(", "));
        if (!tooMuch.isEmpty()) {
            throw new IllegalArgumentException(
                    name + " was trained without texts, and makes pixels of noise alone; expected " + tooMuch);
        }
        int multiple = 1 << (unet.config().blockOutChannels().size() - 1);
        Run.side("width", width(request), multiple);
        Run.side("height", height(request), multiple);
    }

    private Scheduler scheduler(GenerationRequest request) {
        Scheduler own = request.sampling()
                .scheduler()
                .map(given -> Schedulers.named(given, scheduler))
                .orElseGet(() -> Schedulers.from(scheduler));
        return request.sampling().eta().isPresent()
                ? own.withEta(request.sampling().eta().getAsDouble())
                : own;
    }

    private Steps steps(GenerationRequest request) {
        return request.sampling().steps().orElseGet(() -> Steps.of(defaults.steps()));
    }

    private int width(GenerationRequest request) {
        return request.size().width().orElse(defaults.width());
    }

    private int height(GenerationRequest request) {
        return request.size().height().orElse(defaults.height());
    }

    /** How image {@code i} was made, in the form other tools read. */
    private String parameters(GenerationRequest request, int i) {
        String sampler =
                request.sampling().scheduler().map(Schedulers::title).orElseGet(() -> Schedulers.title(scheduler));
        return "Steps: " + steps(request).count()
                + ", Sampler: " + sampler
                + ", Seed: " + ParametersText.seed(request.batch(), i)
                + ", Size: " + width(request) + "x" + height(request)
                + ", Model: " + name
                + eta(request)
                + ParametersText.sampling(steps(request), scheduler)
                + ", Version: latent4j";
    }

    private static String eta(GenerationRequest request) {
        return request.sampling().eta().isPresent()
                ? ", Eta: " + ParametersText.number(request.sampling().eta().getAsDouble())
                : "";
    }

    @Override
    public void close() {
        leases.close(manager::close);
    }
}
