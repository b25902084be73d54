package io.latent4j.pipeline.model;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import io.latent4j.core.memory.Leases;
import io.latent4j.core.nn.NamedBlock;
import io.latent4j.core.nn.Precision;
import io.latent4j.lora.AdaptableModel;
import io.latent4j.lora.Lora;
import io.latent4j.lora.LoraPart;
import io.latent4j.pipeline.files.ControlNetFiles;
import io.latent4j.pipeline.files.FileOptions;
import io.latent4j.pipeline.files.ModelFiles;
import io.latent4j.pipeline.files.ModelLocator;
import io.latent4j.pipeline.request.Tiling;
import io.latent4j.schedulers.config.SchedulerConfig;
import io.latent4j.textencoder.LearnedWord;
import io.latent4j.textencoder.LearnedWords;
import io.latent4j.textencoder.TextEncoder;
import io.latent4j.textencoder.TextTokenizer;
import io.latent4j.unet.UNet2DConditionModel;
import io.latent4j.vae.Autoencoder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * The loaded parts of one text-to-image model. Any number of threads may use them at a time; {@link #close} ends
 * the runs that use them at their next step, waits for them and frees the weights.
 */
public final class Components implements Model {
    private final UNetFamily family;
    private final String name;
    private final NDManager manager;
    private final Precision precision;
    private final Precision vaePrecision;
    private final UNetConditioner text;
    private final UNetDenoiser denoiser;
    private final Autoencoder vae;
    private final Map<ModelPart, PartWeights> weights;
    private final SchedulerConfig scheduler;
    private final ModelDefaults defaults;
    private final List<String> warnings;
    private final boolean lent; // by who closes it
    private final Leases leases;

    /**
     * Parts in memory, or that come there when they are used.
     *
     * @param lent whether the manager and the tokenizer are closed by somebody else
     */
    Components(
            UNetFamily family,
            String name,
            NDManager manager,
            boolean lent,
            Precision precision,
            Precision vaePrecision,
            UNetConditioner text,
            UNetDenoiser denoiser,
            Autoencoder vae,
            Map<ModelPart, PartWeights> weights,
            SchedulerConfig scheduler,
            ModelDefaults defaults,
            List<String> warnings,
            Leases leases) {
        this.family = family;
        this.name = name;
        this.manager = manager;
        this.lent = lent;
        this.precision = precision;
        this.vaePrecision = vaePrecision;
        this.text = text;
        this.denoiser = denoiser;
        this.vae = vae;
        this.weights = weights;
        this.scheduler = scheduler;
        this.defaults = defaults;
        this.warnings = List.copyOf(warnings);
        this.leases = leases;
    }

    private Components with(SchedulerConfig scheduler, List<TextReader> readers) {
        return new Components(
                family,
                name,
                manager,
                lent,
                precision,
                vaePrecision,
                text.with(readers),
                denoiser,
                vae,
                weights,
                scheduler,
                defaults,
                warnings,
                leases);
    }

    /**
     * Loads a model by what users call it, on the best device there is, a GPU before the CPU: a folder or single file on this
     * machine, or a name on the Hugging Face hub, such as {@code owner/name}, from which it is downloaded to the cache that
     * other tools share. A single file gets CLIP's tokenizer from there. What is to be noted of it is logged.
     *
     * @throws IOException if there is no such model, or a file is missing or damaged; a {@link
     *     io.latent4j.hub.HubException} if the hub and its cache do not have it
     * @throws IllegalArgumentException if a config asks for what is not supported, or weights do not fit
     */
    public static Components load(String name) throws IOException {
        Device device = Devices.named("auto");
        return load(name, new Placement(device, Devices.dataType("auto", device)));
    }

    /** {@link #load(String)} to where {@code placement} says. */
    public static Components load(String name, Placement placement) throws IOException {
        return load(Names.locator(), name, placement);
    }

    /** {@link #load(String)} to where {@code placement} says, of what {@code locator} finds. */
    public static Components load(ModelLocator locator, String name, Placement placement) throws IOException {
        ModelFiles files = locator.withTokenizer(name, FileOptions.none());
        return load(Names.of(name), files, placement);
    }

    /** Loads a model on the best device there is, a GPU before the CPU. */
    public static Components load(Path folder) throws IOException {
        Device device = Devices.named("auto");
        return load(folder, device, Devices.dataType("auto", device));
    }

    /**
     * Loads a model from a folder in the layout of diffusers, {@code model_index.json} and a folder for each part, or from a
     * single file: see {@link ModelFiles}.
     *
     * @param dataType of the text encoder's and UNet's weights and activations, and of the VAE's unless its config forces
     *     float32; latents and schedulers are float32 always
     * @throws IOException if a file is missing or damaged
     * @throws IllegalArgumentException if a config asks for what is not supported, or weights do not fit
     */
    public static Components load(Path path, Device device, DataType dataType) throws IOException {
        ComponentsLoader.checkExists(path);
        return load(ModelFiles.of(path), device, dataType);
    }

    /** {@link #load(Path, Device, DataType)} of files that are already known. */
    public static Components load(ModelFiles files, Device device, DataType dataType) throws IOException {
        return load(files, new Placement(device, dataType));
    }

    /** {@link #load(Path, Device, DataType)} of files that are already known, to where {@code placement} says. */
    public static Components load(ModelFiles files, Placement placement) throws IOException {
        return load(Names.of(files.location()), files, placement);
    }

    /**
     * Parts that are there already, a model in training for instance, in float32. They stay the caller's, who closes them
     * and not this.
     *
     * @param name what to call the model
     * @param manager that runs make theirs below
     */
    public static Components of(
            String name,
            NDManager manager,
            TextTokenizer tokenizer,
            TextEncoder textEncoder,
            UNet2DConditionModel unet,
            Autoencoder vae,
            SchedulerConfig scheduler,
            ModelDefaults defaults) {
        List<TextReader> readers = List.of(new TextReader(tokenizer, textEncoder, TextPart.only()));
        Map<ModelPart, PartWeights> weights = Map.of(
                ModelPart.TEXT_ENCODERS,
                PartWeights.loaded(),
                ModelPart.DENOISER,
                PartWeights.loaded(),
                ModelPart.VAE,
                PartWeights.loaded());
        TextCache none = TextCache.of(readers, manager, 0); // what is in training changes all the time
        UNetConditions conditions = UNetConditions.STATES;
        return new Components(
                (UNetFamily) Families.installed().named("StableDiffusionPipeline"),
                name,
                manager,
                true,
                Precision.FLOAT32,
                Precision.FLOAT32,
                new UNetConditioner(name, readers, conditions, weights.get(ModelPart.TEXT_ENCODERS), none),
                new UNetDenoiser(unet, DataType.FLOAT32, inpaints(unet, vae), conditions::added),
                vae,
                weights,
                scheduler,
                defaults,
                List.of(),
                new Leases("the model " + name));
    }

    /** {@link #load(ModelFiles, Placement)} of a model that is called {@code name}. */
    public static Components load(String name, ModelFiles files, Placement placement) throws IOException {
        Model model = Families.installed().open(name, files, placement);
        if (model instanceof Components parts) {
            return parts;
        }
        model.close();
        throw new IllegalArgumentException(files.location()
                + ": is not a model of a UNet, which this works on; expected one: Stable Diffusion 1, 2 or XL");
    }

    /**
     * Loads the model that ships with latent4j, from the class path, onto a GPU if there is one and in float32 there too: see
     * {@link EmbeddedModel}.
     */
    public static Components embedded() throws IOException {
        Device device = Devices.named("auto");
        return embedded(device, DataType.FLOAT32);
    }

    /** Loads the model that ships with latent4j, from the class path: see {@link EmbeddedModel}. */
    public static Components embedded(Device device, DataType dataType) throws IOException {
        return embedded(device, Precision.of(dataType));
    }

    /** {@link #embedded(Device, DataType)} whose weights may be stored in another type than is computed in. */
    public static Components embedded(Device device, Precision precision) throws IOException {
        try (EmbeddedModel model = EmbeddedModel.unpack()) {
            return load(model.name(), ModelFiles.of(model.folder()), new Placement(device, precision));
        }
    }

    /** What to call the model: its folder's or file's name. */
    @Override
    public String name() {
        return name;
    }

    /** The family it belongs to. */
    public UNetFamily family() {
        return family;
    }

    @Override
    public TextConditioner text() {
        return text;
    }

    @Override
    public UNetDenoiser denoiser() {
        return denoiser;
    }

    /** Owns the weights; runs make their own managers below it. */
    @Override
    public NDManager manager() {
        return manager;
    }

    /** Where the weights are and the work is done. */
    public Device device() {
        return manager.getDevice();
    }

    /** What the text encoder and the UNet are stored in, and compute in. */
    public Precision precision() {
        return precision;
    }

    /** What the VAE is stored in, and computes in. */
    public Precision vaePrecision() {
        return vaePrecision;
    }

    /** The tokenizer, the first where there are two. */
    public TextTokenizer tokenizer() {
        return readers().get(0).tokenizer();
    }

    /** The text encoder, the first where there are two. */
    public TextEncoder textEncoder() {
        return readers().get(0).encoder();
    }

    /** What reads a prompt: one text encoder, or SDXL's two. */
    public List<TextReader> readers() {
        return text.readers();
    }

    /** What the text encoders made of the last texts. */
    public TextCache texts() {
        return text.cache();
    }

    /**
     * Whether the UNet is told zeros of an empty text for the negative side, states and summary, and not what the encoders
     * make of it: SDXL's, unless its {@code model_index.json} says otherwise.
     */
    public boolean zerosForEmptyPrompt() {
        return text.conditions().zerosForEmptyPrompt();
    }

    /** Tells noise in latents under a text. */
    public UNet2DConditionModel unet() {
        return denoiser.unet();
    }

    /** Between images and latents. */
    public Autoencoder vae() {
        return vae;
    }

    /**
     * Sees to it that the weights of {@code part} are in memory until the result is closed. Pipelines do so by themselves;
     * this is for those who call an offloaded part's {@code forward} on their own. See {@link Placement}.
     *
     * @throws java.io.UncheckedIOException if they cannot be read any more
     */
    @Override
    public WeightLease use(ModelPart part) {
        return weights.get(part).use();
    }

    /** Whether the UNet is told which part of an image to paint, and what is around it. */
    public boolean inpaints() {
        return denoiser.inpaints();
    }

    static boolean inpaints(UNet2DConditionModel unet, Autoencoder vae) {
        return unet.config().inChannels() == 2 * vae.config().latentChannels() + 1;
    }

    /** Between images and latents. */
    @Override
    public LatentCodec codec(Tiling tiling) {
        return new AutoencoderCodec(vae, weights.get(ModelPart.VAE), vaePrecision.compute(), tiling);
    }

    /**
     * The parts of a model that adapters can change, as {@link #adaptable}, but without weights.
     *
     * @throws IOException if there is no such model
     */
    public static AdaptableModel adaptable(ModelFiles files) throws IOException {
        return Families.installed().of(files).adaptable(files);
    }

    /** The parts that adapters can change: the UNet, and the text encoders there are. */
    @Override
    public AdaptableModel adaptable() {
        Map<LoraPart, NamedBlock> adaptable = new EnumMap<>(LoraPart.class);
        adaptable.put(LoraPart.UNET, unet());
        readers()
                .forEach(reader -> adaptable.put(reader.part(), reader.encoder().block()));
        return family.adaptable(adaptable);
    }

    @Override
    public ControlNet controlNet(String name, ControlNetFiles files) throws IOException {
        try (Leases.Lease lease = lease()) {
            return ControlNet.load(name, files, this);
        }
    }

    /** What the model's scheduler file says. */
    @Override
    public SchedulerConfig scheduler() {
        return scheduler;
    }

    @Override
    public Components withScheduler(SchedulerConfig scheduler) {
        return with(scheduler, readers());
    }

    /** {@inheritDoc} A word for two text encoders goes with a refiner too, which has the second. */
    @Override
    public Components withWords(List<LearnedWord> words) {
        List<TextReader> reading = new ArrayList<>();
        for (TextReader reader : readers()) {
            TextPart role = reader.role();
            List<LearnedWord> own = words.stream()
                    .map(word -> word.of(role.vector(), role.vectors()))
                    .toList();
            reading.add(reader.with(LearnedWords.of(reader.encoder().config(), own)));
        }
        return with(scheduler, reading);
    }

    @Override
    public List<LearnedWord> words(Lora lora) {
        return lora.words(manager).entrySet().stream()
                .map(word -> LearnedWord.of(word.getKey(), word.getValue()))
                .toList();
    }

    @Override
    public List<String> unusedWords(List<String> texts) {
        return readers().get(0).words().unused(texts);
    }

    /** What a request that leaves things open gets. */
    @Override
    public ModelDefaults defaults() {
        return defaults;
    }

    @Override
    public List<String> warnings() {
        return warnings;
    }

    @Override
    public Leases.Lease lease() {
        return leases.lease();
    }

    @Override
    public boolean offloads() {
        return weights.get(ModelPart.DENOISER).offloaded();
    }

    /** {@inheritDoc} Weights that are somebody else's stay: see {@link #of}. */
    @Override
    public void close() {
        if (lent) {
            return;
        }
        leases.close(() -> {
            readers().forEach(reader -> reader.tokenizer().close());
            manager.close();
        });
    }
}
