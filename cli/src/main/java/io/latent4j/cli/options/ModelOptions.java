package io.latent4j.cli.options;

import ai.djl.Device;
import io.latent4j.core.nn.Precision;
import io.latent4j.pipeline.UnconditionalPipeline;
import io.latent4j.pipeline.files.ModelFiles;
import io.latent4j.pipeline.files.ModelLocator;
import io.latent4j.pipeline.model.Components;
import io.latent4j.pipeline.model.Placement;
import io.latent4j.service.registry.LocatedModel;
import io.latent4j.service.registry.ModelOpener;
import io.latent4j.service.registry.ModelRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Which model runs where: options of every command that runs one. */
public final class ModelOptions {

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    @Option(
            names = {"-m", "--model"},
            paramLabel = "MODEL",
            description =
                    "A model's folder in the layout of diffusers; a single .safetensors or .ckpt file; or a model on the"
                            + " hub: owner/name, owner/name@revision, owner/name/file.safetensors (default: the small"
                            + " model of coloured shapes that ships with latent4j).")
    private Optional<String> model;

    @Mixin
    private SourceOptions source;

    @Option(
            names = "--vae",
            paramLabel = "VAE",
            description = "Another autoencoder than the model's own, for the same latents: a folder with config.json, a"
                    + " .safetensors or .pt file, a tiny one (taesd_decoder.safetensors), or one on the hub.")
    private Optional<String> autoencoder;

    @Option(
            names = "--low-memory",
            description = "Take less memory and more time: each part of the model is in memory only while it is used,"
                    + " weights are in half precision (bfloat16 on a CPU, float16 on a GPU) unless --dtype or --weights"
                    + " says otherwise, and images above 512x512 are decoded in tiles.")
    private boolean lowMemory;

    @Mixin
    private DeviceOptions device;

    private Optional<Path> located = Optional.empty();

    /**
     * Refuses what cannot be right whatever the device, before the engine is loaded.
     *
     * @throws IllegalArgumentException for a device or data type of an unknown name, or an option without the model that it
     *     is for
     * @throws IOException if there is no such folder or file, and no model on the hub can have the name
     */
    public void check() throws IOException {
        check(Optional.empty());
    }

    /** The same, with a second model that may be a single file. */
    public void check(Optional<String> second) throws IOException {
        device.precision(Device.cpu());
        source.file();
        if (autoencoder.isPresent() && model.isEmpty()) {
            throw new IllegalArgumentException("--vae is given without --model; expected both");
        }
        source.check(spec, List.of(model), second);
        if (model.isPresent()) {
            ModelLocator.check(model.get());
        }
        if (model.isPresent() && autoencoder.isPresent()) {
            ModelLocator.check(autoencoder.get());
        }
    }

    /** What the model is called. */
    public String name() {
        return model.map(SourceOptions::called).orElse("the embedded model");
    }

    /**
     * The device that the model runs on.
     *
     * @throws IllegalArgumentException if there is no such device
     */
    public Device device() {
        return device.device();
    }

    /** Whether the model takes no text: see {@link UnconditionalPipeline}. */
    public boolean takesNoText() throws IOException {
        return model.isPresent() && Files.isDirectory(located()) && UnconditionalPipeline.runs(located());
    }

    /** Loads a model that takes no text. */
    public UnconditionalPipeline loadUnconditional(Device device) throws IOException {
        return UnconditionalPipeline.load(name(), located(), source.variant(), device, this.device.precision(device));
    }

    /** Whether memory is to be saved. */
    public boolean lowMemory() {
        return lowMemory;
    }

    /** Where weights are. */
    public Placement placement(Device device) {
        boolean half = lowMemory && this.device.isAnyType() && !device.isGpu();
        Precision precision = half ? Precision.BFLOAT16 : this.device.precision(device);
        return new Placement(device, precision, lowMemory);
    }

    /** How models are found. */
    public SourceOptions source() {
        return source;
    }

    /** Takes this model, as an image's text calls it, where the option names none. A text does not make a download. */
    public void otherwise(String key) {
        if (model.isEmpty() && !key.equals(ModelRegistry.EMBEDDED)) {
            if (ModelLocator.local(key).isEmpty()) {
                throw new IllegalArgumentException(
                        "the image was made by the model " + key + ", which is not here; give it by --model");
            }
            model = Optional.of(key);
        }
    }

    /** What jobs call the model. */
    public String key() {
        return model.orElse(ModelRegistry.EMBEDDED);
    }

    /** Opens a model of any family. What is to be noted of its files is said with the images that it makes. */
    public ModelOpener opener(Device device) {
        return model.isPresent()
                ? new LocatedModel(name(), () -> withAutoencoder(files(false)), placement(device))
                : () -> load(device);
    }

    /** Loads the model, to make images as {@link #opener} says. */
    public Components load(Device device) throws IOException {
        return load(device, false);
    }

    /** Loads the model, and says what is to be noted of its files. */
    public Components loadAndNote(Device device) throws IOException {
        return load(device, true);
    }

    private Components load(Device device, boolean notes) throws IOException {
        if (model.isPresent()) {
            return Components.load(name(), withAutoencoder(files(notes)), placement(device));
        }
        return Components.embedded(device, placement(device).precision());
    }

    private ModelFiles withAutoencoder(ModelFiles files) throws IOException {
        return autoencoder.isPresent()
                ? files.withAutoencoder(source.find(spec, locator -> locator.autoencoder(autoencoder.get())))
                : files;
    }

    private ModelFiles files(boolean notes) throws IOException {
        String place = located().toString();
        return source.find(
                spec, locator -> (notes ? locator : locator.withoutNotes()).withTokenizer(place, source.file()));
    }

    /** The folder or file, downloaded if it is not on this machine. */
    private Path located() throws IOException {
        if (located.isEmpty()) {
            located = Optional.of(source.find(spec, locator -> locator.locate(model.orElseThrow())));
        }
        return located.get();
    }
}
