package io.latent4j.service.registry;

import ai.djl.Device;
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
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
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

    private final Placement placement;
    private final ModelLocator locator = new ModelLocator(Optional.empty(), DownloadListener.logged());
    private final Map<String, ModelOpener> models = new ConcurrentHashMap<>();
    private final Map<String, PartOpener<Lora>> adapters = new ConcurrentHashMap<>();
    private final Map<String, PartOpener<ControlNet>> controlNets = new ConcurrentHashMap<>();
    private final Map<String, PartOpener<PreviewDecoder>> previews = new ConcurrentHashMap<>();
    private final Map<String, PixelOpener> pixels = new ConcurrentHashMap<>();
    private final Map<String, String> locations = new ConcurrentHashMap<>();
    private final Map<String, Boolean> withoutText = new ConcurrentHashMap<>();
    private final Map<String, Slot<Model>> slots = new ConcurrentHashMap<>();
    private final Map<String, Slot<UnconditionalPipeline>> pixelSlots = new ConcurrentHashMap<>();

    /** Where a model of one name is, or will be. */
    private static final class Slot<M> {
        private OpenModel<M> open;
        private boolean closed;

        synchronized boolean isOpen() {
            return open != null && !closed;
        }

        /** No model comes here any more. */
        synchronized Optional<OpenModel<M>> shut() {
            closed = true;
            return Optional.ofNullable(open);
        }
    }

    private volatile boolean closed;

    /** On the best device there is, a GPU before the CPU, in the data type that suits it. */
    public ModelRegistry() {
        this(placement(Devices.named("auto")));
    }

    /** @param placement of models that are opened by their names alone */
    public ModelRegistry(Placement placement) {
        this.placement = placement;
        models.put(
                EMBEDDED,
                () -> Components.embedded(
                        placement.device(), placement.device().isGpu() ? Precision.FLOAT32 : placement.precision()));
    }

    private static Placement placement(Device device) {
        return new Placement(device, Devices.dataType("auto", device));
    }

    /** Names a model: a folder or file, or a model on the hub. */
    public ModelRegistry addModel(String name, String location) {
        locations.put(name, location);
        return this;
    }

    /** Names a model that {@code opener} opens; another of that name is replaced unless it is open. */
    public ModelRegistry addModel(String name, ModelOpener opener) {
        models.put(name, opener);
        return this;
    }

    /** Names a model that takes no text and that {@code opener} opens. */
    public ModelRegistry addPixels(String name, PixelOpener opener) {
        pixels.put(name, opener);
        return this;
    }

    /** Names an adapter's file. */
    public ModelRegistry addAdapter(String name, Path file) {
        adapters.put(name, adapter(file));
        return this;
    }

    /** Names a control network that {@code opener} opens for a model. */
    public ModelRegistry addControlNet(String name, PartOpener<ControlNet> opener) {
        controlNets.put(name, opener);
        return this;
    }

    /** Names a control network: a folder or file, or one on the hub. */
    public ModelRegistry addControlNet(String name, String location) {
        return addControlNet(name, controlNetAt(location));
    }

    /** Names a decoder of previews that {@code opener} opens for a model. */
    public ModelRegistry addPreviews(String name, PartOpener<PreviewDecoder> opener) {
        previews.put(name, opener);
        return this;
    }

    /**
     * Begins a use of a model, which is opened if it is not open yet; others that want it wait meanwhile.
     *
     * @param name in this registry, or a folder, file or model on the hub
     * @throws IOException if there is no such model, or a file is missing or damaged
     * @throws IllegalArgumentException if a config asks for what is not supported, or weights do not fit
     * @throws ResourceClosedException if this is closed
     */
    public ModelLease lease(String name) throws IOException {
        Slot<Model> slot = slots.computeIfAbsent(name, key -> new Slot<>());
        synchronized (slot) {
            checkOpen(slot);
            if (slot.open == null) {
                Model model = opener(name).open();
                slot.open = new OpenModel<>(model.name(), model, model::close);
            }
            return new ModelLease(this, slot.open);
        }
    }

    private void checkOpen(Slot<?> slot) {
        if (closed || slot.closed) {
            throw new ResourceClosedException("the registry of models is closed; expected it open");
        }
    }

    /**
     * Whether the model of this name takes no text: then {@link #leasePixels} is the way to use it, and not {@link #lease}.
     *
     * @throws IOException if there is no such model
     */
    public boolean takesNoText(String name) throws IOException {
        if (pixels.containsKey(name) || models.containsKey(name)) {
            return pixels.containsKey(name);
        }
        Boolean known = withoutText.get(name);
        if (known == null) {
            Path found = locator.locate(location(name));
            known = Files.isDirectory(found) && UnconditionalPipeline.runs(found);
            withoutText.put(name, known);
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
        Slot<UnconditionalPipeline> slot = pixelSlots.computeIfAbsent(name, key -> new Slot<>());
        synchronized (slot) {
            checkOpen(slot);
            if (slot.open == null) {
                UnconditionalPipeline pipeline = pixelOpener(name).open();
                slot.open = new OpenModel<>(pipeline.name(), pipeline, pipeline::close);
            }
            return new PixelLease(slot.open);
        }
    }

    private PixelOpener pixelOpener(String name) {
        PixelOpener known = pixels.get(name);
        return known != null
                ? known
                : () -> UnconditionalPipeline.load(
                        title(location(name)),
                        locator.locate(location(name)),
                        Optional.empty(),
                        placement.device(),
                        placement.precision());
    }

    private String location(String name) {
        return locations.getOrDefault(name, name);
    }

    /** Whether the model of this name is open. */
    public boolean isOpen(String name) {
        return Stream.of(slots, pixelSlots)
                .map(all -> Optional.ofNullable(all.get(name)))
                .flatMap(Optional::stream)
                .anyMatch(Slot::isOpen);
    }

    /**
     * The model of this name by its settings, for checks before its weights are read; the caller closes it. Empty where the
     * model is open, or can be opened at once.
     *
     * @throws IOException if there is no such model, or a file is missing or damaged
     * @throws IllegalArgumentException if a config asks for what is not supported
     */
    public Optional<Model> openWithoutWeights(String name) throws IOException {
        return isOpen(name) ? Optional.empty() : opener(name).openWithoutWeights();
    }

    private ModelOpener opener(String name) {
        return models.computeIfAbsent(name, key -> located(location(key)));
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
        PartOpener<Lora> known = adapters.get(name);
        if (known != null) {
            return known;
        }
        Path file = ModelLocator.local(name)
                .orElseThrow(() -> new IllegalArgumentException("there is no adapter or file called \"" + name
                        + "\"; expected a file, or one of " + String.join(", ", adapters.keySet())));
        return adapter(file);
    }

    /** Whether an adapter was added under this name. */
    public boolean hasAdapter(String name) {
        return adapters.containsKey(name);
    }

    /** The names under which adapters were added, in the order of the alphabet. */
    public List<String> adapters() {
        return adapters.keySet().stream().sorted().toList();
    }

    /** Whether a control network was added under this name. */
    public boolean hasControlNet(String name) {
        return controlNets.containsKey(name);
    }

    /** The names under which control networks were added, in the order of the alphabet. */
    public List<String> controlNets() {
        return controlNets.keySet().stream().sorted().toList();
    }

    /** Whether there are previews of this name: those that cost nothing, or others that were added. */
    public boolean hasPreviews(String name) {
        return name.equals(LINEAR) || previews.containsKey(name);
    }

    private static PartOpener<Lora> adapter(Path file) {
        return model -> Lora.load(file, model.adaptable(), model.manager());
    }

    PartOpener<ControlNet> controlNet(String name) {
        PartOpener<ControlNet> known = controlNets.get(name);
        return known == null ? controlNetAt(name) : known;
    }

    private PartOpener<ControlNet> controlNetAt(String location) {
        return model -> model.controlNet(title(location), locator.controlNet(location));
    }

    PartOpener<PreviewDecoder> previews(String name) {
        PartOpener<PreviewDecoder> known = previews.get(name);
        if (known != null) {
            return known;
        }
        return model -> name.equals(LINEAR) ? model.linearPreviews() : model.previews(locator.autoencoder(name));
    }

    /**
     * Refuses new leases and closes all that is open. Jobs that run end at their next step with a {@link
     * ResourceClosedException}; this waits for them. What is being opened is closed when it is open.
     */
    @Override
    public void close() {
        closed = true;
        slots.values().forEach(slot -> slot.shut().ifPresent(OpenModel::close));
        pixelSlots.values().forEach(slot -> slot.shut().ifPresent(OpenModel::close));
    }
}
