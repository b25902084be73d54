package io.latent4j.service.registry;

import ai.djl.Device;
import io.latent4j.core.memory.MachineMemory;
import io.latent4j.core.memory.ResourceClosedException;
import io.latent4j.core.nn.Precision;
import io.latent4j.hub.DownloadListener;
import io.latent4j.lora.Lora;
import io.latent4j.pipeline.UnconditionalPipeline;
import io.latent4j.pipeline.files.FileOptions;
import io.latent4j.pipeline.files.ModelLocator;
import io.latent4j.pipeline.model.Components;
import io.latent4j.pipeline.model.ControlNet;
import io.latent4j.pipeline.model.Devices;
import io.latent4j.pipeline.model.Model;
import io.latent4j.pipeline.model.Placement;
import io.latent4j.pipeline.model.PreviewDecoder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Models, adapters and control networks by name. Each is opened when it is first leased, once, and shared by all who lease it;
 * {@link #close} closes everything. A name that was not added is that of a folder or file, or of a model on the hub.
 *
 * <p>Any number of threads may use it.
 */
public final class ModelRegistry implements AutoCloseable {
    /** The name of the model that ships with latent4j. */
    public static final String EMBEDDED = "embedded";

    /** The name of previews by a linear map from latents to colours. */
    public static final String LINEAR = "linear";

    private static final double SHARE = 0.8; // of the machine's memory, for models

    private final Placement placement;
    private final ModelLocator locator = new ModelLocator(Optional.empty(), DownloadListener.logged());
    private final Catalogue catalogue = new Catalogue();
    private final OpenModels open;
    private final Map<String, ModelOpener> models = new ConcurrentHashMap<>();
    private final Map<String, PartOpener<ControlNet>> controlNets = new ConcurrentHashMap<>();
    private final Map<String, PartOpener<PreviewDecoder>> previews = new ConcurrentHashMap<>();
    private final Map<String, PixelOpener> pixels = new ConcurrentHashMap<>();
    private final Map<String, Boolean> withoutText = new ConcurrentHashMap<>(); // by location
    private final Map<String, OpenModels.Slot<Model>> slots = new ConcurrentHashMap<>();
    private final Map<String, OpenModels.Slot<UnconditionalPipeline>> pixelSlots = new ConcurrentHashMap<>();
    private volatile boolean listedOnly;

    /** On the best device there is, a GPU before the CPU, in the data type that suits it. */
    public ModelRegistry() {
        this(placement(Devices.named("auto")));
    }

    /** @param placement of models that are opened by their names alone */
    public ModelRegistry(Placement placement) {
        this(
                placement,
                placement.device().isGpu()
                        ? Long.MAX_VALUE
                        : (long) (SHARE * MachineMemory.here().total()));
    }

    /**
     * A registry that keeps so many models open.
     *
     * @param placement of models that are opened by their names alone
     * @param bytes that the weights of open models may take; those that nobody uses are closed to make room
     */
    public ModelRegistry(Placement placement, long bytes) {
        this.placement = placement;
        this.open = new OpenModels(bytes);
        addModel(
                EMBEDDED,
                () -> Components.embedded(
                        placement.device(), placement.device().isGpu() ? Precision.FLOAT32 : placement.precision()));
        catalogue.add(ModelEntry.opened(EntryKind.PREVIEWS, LINEAR));
    }

    private static Placement placement(Device device) {
        return new Placement(device, Devices.dataType("auto", device));
    }

    /** Names a model: a folder or file, or a model on the hub. */
    public ModelRegistry addModel(String name, String location) {
        models.remove(name);
        catalogue.add(ModelEntry.at(EntryKind.MODEL, name, location));
        return this;
    }

    /** Names a model that {@code opener} opens; another of that name is replaced unless it is open. */
    public ModelRegistry addModel(String name, ModelOpener opener) {
        models.put(name, opener);
        catalogue.add(ModelEntry.opened(EntryKind.MODEL, name));
        return this;
    }

    /** Names a model that takes no text and that {@code opener} opens. */
    public ModelRegistry addPixels(String name, PixelOpener opener) {
        pixels.put(name, opener);
        catalogue.add(ModelEntry.opened(EntryKind.MODEL, name));
        return this;
    }

    /** Names an adapter's file. */
    public ModelRegistry addAdapter(String name, Path file) {
        catalogue.add(ModelEntry.at(EntryKind.ADAPTER, name, file.toString()));
        return this;
    }

    /** Names the file of a learned word, which prompts write as {@code name}. */
    public ModelRegistry addWord(String name, Path file) {
        catalogue.add(ModelEntry.at(EntryKind.WORD, name, file.toString()));
        return this;
    }

    /** Names a control network that {@code opener} opens for a model. */
    public ModelRegistry addControlNet(String name, PartOpener<ControlNet> opener) {
        controlNets.put(name, opener);
        catalogue.add(ModelEntry.opened(EntryKind.CONTROL_NETWORK, name));
        return this;
    }

    /** Names a control network: a folder or file, or one on the hub. */
    public ModelRegistry addControlNet(String name, String location) {
        catalogue.add(ModelEntry.at(EntryKind.CONTROL_NETWORK, name, location));
        return this;
    }

    /** Names a decoder of previews that {@code opener} opens for a model. */
    public ModelRegistry addPreviews(String name, PartOpener<PreviewDecoder> opener) {
        previews.put(name, opener);
        catalogue.add(ModelEntry.opened(EntryKind.PREVIEWS, name));
        return this;
    }

    /**
     * Names what is in a folder and those below it: files without their endings, and folders in the layout of diffusers. Of
     * several of one name the one that is least deep has it, and the others have their folders before it. Files that come or
     * go are seen within some seconds, or by {@link #rescan}.
     *
     * @throws IOException if there is no such folder
     */
    public ModelRegistry addFolder(EntryKind kind, Path folder) throws IOException {
        catalogue.addFolder(kind, folder);
        return this;
    }

    /** Refuses names that are not listed here, and opens no other files or models on the hub: for jobs of others. */
    public ModelRegistry listedOnly() {
        listedOnly = true;
        return this;
    }

    /** Looks through the folders again when they are next asked for. */
    public void rescan() {
        catalogue.rescan();
    }

    /** All of a kind, by name: those that were added, and those in folders. */
    public List<ModelEntry> entries(EntryKind kind) {
        return catalogue.all(kind);
    }

    /** The one of this name, or else the only one that differs in case or in the ending of a file alone. */
    public Optional<ModelEntry> find(EntryKind kind, String name) {
        return catalogue.find(kind, name);
    }

    /** Whether there is one of this name: see {@link #find}. */
    public boolean knows(EntryKind kind, String name) {
        return find(kind, name).isPresent();
    }

    /** What to tell whoever asked for a name that is none: which are near it. */
    public String missing(EntryKind kind, String name) {
        return catalogue.missing(kind, name);
    }

    /**
     * The listed words (textual inversion) that a text has, whatever their case, by how the text writes them. They stand alone:
     * no letter or digit is beside them.
     */
    public Map<String, ModelEntry> mentioned(String text) {
        Map<String, ModelEntry> mentioned = new LinkedHashMap<>();
        for (ModelEntry entry : entries(EntryKind.WORD)) {
            Matcher found = Pattern.compile(
                            "(?<![\\p{L}\\p{N}_])" + Pattern.quote(entry.name()) + "(?![\\p{L}\\p{N}_])",
                            Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE)
                    .matcher(text);
            while (found.find()) {
                mentioned.putIfAbsent(found.group(), entry);
            }
        }
        return mentioned;
    }

    /**
     * Begins a use of a model, which is opened if it is not open yet; others that want to open one wait meanwhile. Models that
     * nobody uses are closed if it needs their memory.
     *
     * @param name in this registry, or a folder, file or model on the hub
     * @throws IOException if there is no such model, or a file is missing or damaged
     * @throws IllegalArgumentException if a config asks for what is not supported, or weights do not fit; a {@link
     *     io.latent4j.pipeline.run.NotEnoughMemoryException} if there is no room for it
     * @throws ResourceClosedException if this is closed
     */
    public ModelLease lease(String name) throws IOException {
        String known = known(EntryKind.MODEL, name);
        OpenModels.Slot<Model> slot = slots.computeIfAbsent(known, open::slot);
        ModelOpener opener = opener(known);
        return new ModelLease(this, open.use(slot, () -> opener.bytes(placement), () -> {
            Model model = opener.open();
            return new OpenModel<>(model.name(), model, model::close);
        }));
    }

    /** The listed name, or {@code name} itself if others are allowed. */
    private String known(EntryKind kind, String name) throws IOException {
        Optional<String> known = find(kind, name).map(ModelEntry::name);
        if (known.isEmpty() && listedOnly) {
            throw new IOException(missing(kind, name));
        }
        return known.orElse(name);
    }

    /**
     * Whether the model of this name takes no text: then {@link #leasePixels} is the way to use it, and not {@link #lease}.
     *
     * @throws IOException if there is no such model
     */
    public boolean takesNoText(String name) throws IOException {
        String model = known(EntryKind.MODEL, name);
        if (pixels.containsKey(model) || models.containsKey(model)) {
            return pixels.containsKey(model);
        }
        String location = location(EntryKind.MODEL, model);
        Boolean known = withoutText.get(location);
        if (known == null) {
            Path found = locator.locate(location);
            known = Files.isDirectory(found) && UnconditionalPipeline.runs(found);
            withoutText.put(location, known);
        }
        return known;
    }

    /**
     * Begins a use of a model that takes no text, as {@link #lease} does of others.
     *
     * @throws IOException if there is no such model, or a file is missing or damaged
     * @throws IllegalArgumentException if a config asks for what is not supported, or weights do not fit
     * @throws ResourceClosedException if this is closed
     */
    public PixelLease leasePixels(String name) throws IOException {
        String known = known(EntryKind.MODEL, name);
        OpenModels.Slot<UnconditionalPipeline> slot = pixelSlots.computeIfAbsent(known, open::slot);
        return new PixelLease(open.use(
                slot, () -> find(EntryKind.MODEL, known).map(ModelEntry::bytes).orElse(0L), () -> {
                    UnconditionalPipeline pipeline = pixelOpener(known).open();
                    return new OpenModel<>(pipeline.name(), pipeline, pipeline::close);
                }));
    }

    private PixelOpener pixelOpener(String name) {
        PixelOpener known = pixels.get(name);
        String location = location(EntryKind.MODEL, name);
        return known != null
                ? known
                : () -> UnconditionalPipeline.load(
                        title(location),
                        locator.locate(location),
                        Optional.empty(),
                        placement.device(),
                        placement.precision());
    }

    private String location(EntryKind kind, String name) {
        return find(kind, name).flatMap(ModelEntry::location).orElse(name);
    }

    /** Whether the model of this name is open. */
    public boolean isOpen(String name) {
        String known = find(EntryKind.MODEL, name).map(ModelEntry::name).orElse(name);
        return Stream.of(slots, pixelSlots)
                .map(all -> Optional.ofNullable(all.get(known)))
                .flatMap(Optional::stream)
                .anyMatch(OpenModels.Slot::isOpen);
    }

    /**
     * The model of this name by its settings, for checks before its weights are read; the caller closes it. Empty where the
     * model is open, or can be opened at once.
     *
     * @throws IOException if there is no such model, or a file is missing or damaged
     * @throws IllegalArgumentException if a config asks for what is not supported
     */
    public Optional<Model> openWithoutWeights(String name) throws IOException {
        return isOpen(name)
                ? Optional.empty()
                : opener(known(EntryKind.MODEL, name)).openWithoutWeights();
    }

    /** Files of folders may be replaced, and are looked at anew; others are found once. */
    private ModelOpener opener(String name) {
        ModelOpener added = models.get(name);
        if (added != null) {
            return added;
        }
        String location = location(EntryKind.MODEL, name);
        boolean mayChange =
                knows(EntryKind.MODEL, name) && ModelLocator.local(location).isPresent();
        return mayChange ? located(location) : models.computeIfAbsent(name, key -> located(location));
    }

    private ModelOpener located(String location) {
        return new LocatedModel(title(location), () -> locator.withTokenizer(location, FileOptions.none()), placement);
    }

    /** What to call a model, or a part of one: a path's last name, or the name itself. */
    public static String title(String name) {
        return ModelLocator.local(name)
                .map(path -> path.toAbsolutePath().normalize().getFileName())
                .map(Path::toString)
                .orElse(name);
    }

    PartOpener<Lora> adapter(String name) {
        Optional<Path> file = find(EntryKind.ADAPTER, name)
                .flatMap(ModelEntry::location)
                .map(Path::of)
                .or(() -> listedOnly ? Optional.empty() : ModelLocator.local(name));
        if (file.isEmpty()) {
            throw new IllegalArgumentException(
                    missing(EntryKind.ADAPTER, name) + (listedOnly ? "" : "; nor is there such a file"));
        }
        return model -> Lora.load(file.get(), model.adaptable(), model.manager());
    }

    PartOpener<ControlNet> controlNet(String name) throws IOException {
        String known = known(EntryKind.CONTROL_NETWORK, name);
        PartOpener<ControlNet> opener = controlNets.get(known);
        String location = location(EntryKind.CONTROL_NETWORK, known);
        return opener != null ? opener : model -> model.controlNet(title(location), locator.controlNet(location));
    }

    PartOpener<PreviewDecoder> previews(String name) throws IOException {
        String known = known(EntryKind.PREVIEWS, name);
        PartOpener<PreviewDecoder> opener = previews.get(known);
        if (opener != null) {
            return opener;
        }
        String location = location(EntryKind.PREVIEWS, known);
        return model -> known.equals(LINEAR) ? model.linearPreviews() : model.previews(locator.autoencoder(location));
    }

    /**
     * Refuses new leases and closes all that is open. Jobs that run end at their next step with a {@link
     * ResourceClosedException}; this waits for them. What is being opened is closed when it is open.
     */
    @Override
    public void close() {
        open.close();
    }
}
