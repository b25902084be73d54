package io.latent4j.pipeline.files;

import io.latent4j.core.config.Shown;
import io.latent4j.hub.DownloadListener;
import io.latent4j.hub.Hub;
import io.latent4j.hub.HubSettings;
import io.latent4j.hub.ModelId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Finds models and parts of models by what users call them: a folder or a single file on this machine, or else a name on
 * the hub (see {@link ModelId}), from which it is downloaded. Where the hub and its cache are, the environment says.
 */
public final class ModelLocator {
    private static final Pattern WEIGHTS = Pattern.compile(".*\\.(safetensors|ckpt|pt|pth|bin)");

    /** The decoder of a tiny autoencoder, as it was published beside its encoder. */
    private static final Pattern TINY_DECODER = Pattern.compile("tae.*decoder.*");

    private final Optional<String> variant;
    private final boolean orPlain;
    private final DownloadListener listener;
    private final Settings settings;
    private final boolean notes; // what a model's files say

    /** Where the hub is, which is asked only when something is to be downloaded. */
    interface Settings {
        HubSettings read() throws IOException;
    }

    /**
     * Asks for nothing yet.
     *
     * @param variant which weights of a model to download and read, {@code fp16} for instance; of parts too, where they
     *     have such
     * @param listener hears of downloads
     */
    public ModelLocator(Optional<String> variant, DownloadListener listener) {
        this(variant, listener, HubSettings::fromEnvironment);
    }

    ModelLocator(Optional<String> variant, DownloadListener listener, Settings settings) {
        this(variant, false, listener, settings, true);
    }

    private ModelLocator(
            Optional<String> variant, boolean orPlain, DownloadListener listener, Settings settings, boolean notes) {
        this.variant = variant;
        this.orPlain = orPlain;
        this.listener = listener;
        this.settings = settings;
        this.notes = notes;
    }

    /** This locator for a second model, which may have none of the variant that the first has: it comes with others then. */
    public ModelLocator orPlain() {
        return new ModelLocator(variant, true, listener, settings, notes);
    }

    /** This locator without notes of what models' files disagree about: generations by a model have them. */
    public ModelLocator withoutNotes() {
        return new ModelLocator(variant, orPlain, listener, settings, false);
    }

    /** The folder or file of that name on this machine. */
    public static Optional<Path> local(String name) {
        try {
            return Optional.of(Path.of(name)).filter(Files::exists);
        } catch (InvalidPathException e) { // owner/name@revision on a system that forbids one of its characters
            return Optional.empty();
        }
    }

    /**
     * Refuses what can be no name, before anything is asked for.
     *
     * @throws IOException if there is no such folder or file, and nothing on the hub can have the name, or if it is a pipe
     *     or a device
     */
    public static void check(String name) throws IOException {
        Optional<Path> local = local(name);
        if (local.isPresent() && !Files.isDirectory(local.get()) && !Files.isRegularFile(local.get())) {
            throw new IOException(
                    name + ": is neither a folder nor a regular file; expected a folder in the layout of diffusers, or"
                            + " a single file");
        }
        if (local.isEmpty() && !ModelId.isId(name)) {
            throw new IOException(Shown.text(name)
                    + ": there is no such folder or file; expected a folder in the layout of diffusers,"
                    + " a single file, or owner/name of a model on the hub");
        }
    }

    /** The folder or file of a model, downloaded if it is not on this machine. */
    public Path locate(String name) throws IOException {
        check(name);
        Optional<Path> local = local(name);
        if (local.isPresent()) {
            return local.get();
        }
        ModelId id = ModelId.parse(name);
        if (id.file().isPresent()) {
            return download(name, hub -> hub.file(id));
        }
        return download(name, hub -> orPlain ? hub.modelOrPlain(id, variant) : hub.model(id, variant));
    }

    /** A model as it is: of a single file without a tokenizer, unless the options name one. */
    public ModelFiles model(String name, FileOptions options) throws IOException {
        ModelFiles files = files(locate(name), options);
        if (notes) {
            files.warnings().forEach(listener::note);
        }
        return files;
    }

    private ModelFiles files(Path found, FileOptions options) throws IOException {
        return orPlain ? ModelFiles.orPlain(found, options, variant) : ModelFiles.of(found, options, variant);
    }

    /**
     * A model that can read texts: a single file gets its family's tokenizer, from the hub, where the options name none and
     * its family has one there.
     */
    public ModelFiles withTokenizer(String name, FileOptions options) throws IOException {
        ModelFiles files = model(name, options); // refuses what is no model before anything is fetched for it
        boolean hasOne = options.tokenizer().isPresent() || options.config().isPresent();
        Optional<HubTokenizer> wanted =
                !hasOne && files instanceof SingleFile single ? single.layout().onHub() : Optional.empty();
        return wanted.isPresent()
                ? files(files.location(), options.withTokenizer(fetched(wanted.get(), files.location())))
                : files;
    }

    private Path fetched(HubTokenizer tokenizer, Path file) throws IOException {
        try {
            return fetch(hub -> hub.files(ModelId.parse(tokenizer.repository()), tokenizer.files()));
        } catch (IOException e) {
            throw MissingPartException.tokenizer(
                    file, Optional.of(tokenizer), ", and that of the hub cannot be had: " + e.getMessage(), e);
        }
    }

    /** An autoencoder: see {@link AutoencoderFiles}. */
    public AutoencoderFiles autoencoder(String name) throws IOException {
        return AutoencoderFiles.of(locatePart(name), new WeightChoice(variant, true));
    }

    /** A control network: see {@link ControlNetFiles}. */
    public ControlNetFiles controlNet(String name) throws IOException {
        return ControlNetFiles.of(locatePart(name), new WeightChoice(variant, true));
    }

    private Path locatePart(String name) throws IOException {
        check(name);
        Optional<Path> local = local(name);
        if (local.isPresent()) {
            return local.get();
        }
        ModelId id = ModelId.parse(name);
        boolean isFile =
                id.file().filter(file -> WEIGHTS.matcher(file).matches()).isPresent();
        return download(name, hub -> isFile ? hub.file(id, besides(id.file().orElseThrow())) : hub.part(id, variant));
    }

    /** What belongs to a part's {@code file} in the same folder: its settings, and the encoder of a tiny decoder. */
    private static List<String> besides(String file) {
        String name = file.substring(file.lastIndexOf('/') + 1);
        return TINY_DECODER.matcher(name).matches()
                ? List.of("config.json", name.replace("decoder", "encoder"))
                : List.of("config.json");
    }

    private interface Fetching {
        Path from(Hub hub) throws IOException;
    }

    /** The user may have meant a path, and mistyped it. */
    private Path download(String name, Fetching fetching) throws IOException {
        try {
            return fetch(fetching);
        } catch (IOException e) {
            throw new IOException(e.getMessage() + "; there is no folder or file " + name + " either", e);
        }
    }

    private Path fetch(Fetching fetching) throws IOException {
        return fetching.from(new Hub(settings.read(), listener));
    }
}
