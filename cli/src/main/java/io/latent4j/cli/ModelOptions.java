package io.latent4j.cli;

import ai.djl.Device;
import ai.djl.ndarray.types.DataType;
import io.latent4j.hub.Hub;
import io.latent4j.hub.HubSettings;
import io.latent4j.hub.ModelId;
import io.latent4j.pipeline.Components;
import io.latent4j.pipeline.Devices;
import io.latent4j.pipeline.Placement;
import io.latent4j.pipeline.UnconditionalPipeline;
import io.latent4j.pipeline.files.AutoencoderFiles;
import io.latent4j.pipeline.files.FileOptions;
import io.latent4j.pipeline.files.ModelFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Which model runs where: options of every command that runs one. */
final class ModelOptions {

    /** The vocabulary of every Stable Diffusion, MIT licensed. */
    private static final ModelId CLIP = ModelId.parse("openai/clip-vit-large-patch14");

    private static final List<String> TOKENIZER =
            List.of("vocab.json", "merges.txt", "special_tokens_map.json", "tokenizer_config.json");

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

    @Option(
            names = "--variant",
            paramLabel = "NAME",
            description = "Which weights to download, fp16 for instance, where the hub has several.")
    private Optional<String> variant;

    @Option(
            names = "--tokenizer",
            paramLabel = "DIR",
            description = "Tokenizer of a single file: vocab.json and merges.txt (default: CLIP's, from the hub).")
    private Optional<Path> tokenizer;

    @Option(
            names = "--config",
            paramLabel = "DIR",
            description = "Folder whose settings and tokenizer a single file takes (default: what its tensors say).")
    private Optional<Path> config;

    @Option(
            names = "--prediction-type",
            paramLabel = "TYPE",
            description = "What the model in a single file predicts: epsilon or v_prediction.")
    private Optional<String> predictionType;

    @Option(
            names = "--vae",
            paramLabel = "DIR|FILE",
            description = "Another autoencoder than the model's own, for the same latents: a folder with config.json, a"
                    + " .safetensors or .pt file, or a tiny one (taesd_decoder.safetensors).")
    private Optional<Path> autoencoder;

    @Option(
            names = "--low-memory",
            description = "Take less memory and more time: each part of the model is in memory only while it is used,"
                    + " weights are in half precision (bfloat16 on a CPU, float16 on a GPU) unless --dtype says"
                    + " otherwise, and pictures above 512x512 are decoded in tiles.")
    private boolean lowMemory;

    @Option(
            names = "--device",
            paramLabel = "NAME",
            defaultValue = "auto",
            description = "cpu, cuda, cuda:1, or auto: a GPU if there is one (default: ${DEFAULT-VALUE}).")
    private String device;

    @Option(
            names = "--dtype",
            paramLabel = "TYPE",
            defaultValue = "auto",
            description =
                    "Data type of weights: float32, float16, bfloat16, or auto: float16 on a GPU and float32 on a CPU"
                            + " (default: ${DEFAULT-VALUE}).")
    private String dataType;

    private Optional<Path> located = Optional.empty();

    /**
     * Refuses what cannot be right whatever the device, before the engine is loaded.
     *
     * @throws IllegalArgumentException for a device or data type of an unknown name
     * @throws IOException if there is no such folder or file, and no model on the hub can have the name
     */
    void check() throws IOException {
        Devices.dataType(dataType, Device.cpu());
        fileOptions();
        if (model.isPresent() && local().isEmpty() && !ModelId.isId(model.get())) {
            throw new IOException(model.get() + ": there is no such folder or file; expected a model in the layout of"
                    + " diffusers, a single file, or owner/name of a model on the hub");
        }
    }

    /** The model's place on this machine. */
    private Optional<Path> local() {
        try {
            return model.map(Path::of).filter(Files::exists);
        } catch (InvalidPathException e) { // owner/name@revision on a system that forbids one of its characters
            return Optional.empty();
        }
    }

    /** What the model is called. */
    String name() {
        return local().map(path -> path.toAbsolutePath().normalize().getFileName())
                .map(Path::toString)
                .or(() -> model)
                .orElse("the embedded model");
    }

    /** @throws IllegalArgumentException if there is no such name */
    Device device() {
        return Devices.named(device);
    }

    /** Whether the model takes no text: see {@link UnconditionalPipeline}. */
    boolean takesNoText() throws IOException {
        return model.isPresent() && Files.isDirectory(located()) && UnconditionalPipeline.runs(located());
    }

    /** Loads a model that takes no text. */
    UnconditionalPipeline loadUnconditional(Device device) throws IOException {
        if (autoencoder.isPresent()) {
            throw new IllegalArgumentException("--vae is for models that work on latents; " + name() + " does not");
        }
        return UnconditionalPipeline.load(located(), device, Devices.dataType(dataType, device));
    }

    /** Whether memory is to be saved. */
    boolean lowMemory() {
        return lowMemory;
    }

    /** Where weights are. */
    Placement placement(Device device) {
        boolean half = lowMemory && dataType.toLowerCase(Locale.ROOT).equals("auto") && !device.isGpu();
        DataType type = half ? DataType.BFLOAT16 : Devices.dataType(dataType, device);
        return new Placement(device, type, lowMemory);
    }

    Components load(Device device) throws IOException {
        if (model.isPresent()) {
            return Components.load(withAutoencoder(files()), placement(device));
        }
        if (autoencoder.isPresent()) {
            throw new IllegalArgumentException("--vae is given without --model; expected both");
        }
        return Components.embedded(device, placement(device).dataType());
    }

    private ModelFiles withAutoencoder(ModelFiles files) throws IOException {
        return autoencoder.isPresent() ? files.withAutoencoder(AutoencoderFiles.of(autoencoder.get())) : files;
    }

    private FileOptions fileOptions() {
        return new FileOptions(tokenizer, config, predictionType);
    }

    /** The model's files; of a single file with CLIP's tokenizer where none is named. */
    private ModelFiles files() throws IOException {
        FileOptions options = fileOptions();
        if (Files.isRegularFile(located()) && tokenizer.isEmpty() && config.isEmpty()) {
            ModelFiles.of(located(), options); // refuses what is no model before anything is fetched for it
            options = options.withTokenizer(fetch(hub -> hub.files(CLIP, TOKENIZER)));
        }
        return ModelFiles.of(located(), options);
    }

    /** The folder or file, downloaded if it is not on this machine. */
    private Path located() throws IOException {
        if (located.isEmpty()) {
            Optional<Path> local = local();
            located = Optional.of(local.isPresent() ? local.get() : download(ModelId.parse(model.orElseThrow())));
        }
        return located.get();
    }

    private Path download(ModelId id) throws IOException {
        return fetch(hub -> id.file().isPresent() ? hub.file(id) : hub.model(id, variant));
    }

    private interface Fetching {
        Path from(Hub hub) throws IOException;
    }

    private Path fetch(Fetching fetching) throws IOException {
        try (HubDisplay display = new HubDisplay(Terminal.of(spec.commandLine().getErr()))) {
            return fetching.from(new Hub(HubSettings.fromEnvironment(), display));
        }
    }
}
