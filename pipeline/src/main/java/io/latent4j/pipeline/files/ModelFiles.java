package io.latent4j.pipeline.files;

import io.latent4j.core.config.Config;
import io.latent4j.core.weights.Checkpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A model's settings, weights and tokenizers, wherever they are. A part is called as its folder in the layout of
 * diffusers: {@code unet}, {@code vae}, {@code text_encoder}, {@code text_encoder_2}.
 */
public sealed interface ModelFiles permits ModelFolder, SingleFile, OtherAutoencoder {

    /** Whether a single file with these tensors holds a model of a known family, or the half of one. */
    static boolean areOfModel(FileTensors tensors) {
        return Layouts.isHalf(tensors)
                || Layouts.installed().all().stream().anyMatch(layout -> layout.recognises(tensors));
    }

    /** The model in a folder in the layout of diffusers, or in a single file. */
    static ModelFiles of(Path path) throws IOException {
        return of(path, FileOptions.none());
    }

    /**
     * The model in a folder in the layout of diffusers, or in a single file.
     *
     * @param options what a single file leaves open; a folder has its own
     * @throws IOException if there is nothing at {@code path}, or a file that holds no model of a known family
     */
    static ModelFiles of(Path path, FileOptions options) throws IOException {
        return of(path, options, WeightChoice.PLAIN);
    }

    private static ModelFiles of(Path path, FileOptions options, WeightChoice choice) throws IOException {
        return Files.isRegularFile(path) ? SingleFile.open(path, options, choice) : new ModelFolder(path, choice);
    }

    /**
     * The same, with one variant of a folder's weights and no other.
     *
     * @param variant such as {@code fp16}; empty for the plain ones. A single file has one set of weights: see {@link
     *     #warnings}
     */
    static ModelFiles of(Path path, FileOptions options, Optional<String> variant) throws IOException {
        return of(path, options, new WeightChoice(variant, false));
    }

    /** The same, with the plain weights of parts that have none of the variant. */
    static ModelFiles orPlain(Path path, FileOptions options, Optional<String> variant) throws IOException {
        return of(path, options, new WeightChoice(variant, true));
    }

    /**
     * This model with another autoencoder. Where the model has one of its own, reading the settings refuses one that is for
     * other latents; two that differ in no setting, such as those for Stable Diffusion and SDXL in files without settings,
     * cannot be told apart.
     */
    default ModelFiles withAutoencoder(AutoencoderFiles autoencoder) {
        return new OtherAutoencoder(this, autoencoder);
    }

    /** The folder or file. */
    Path location();

    /** What of the options and the files disagrees or is ignored, a sentence each; for whoever asked for the model. */
    default List<String> warnings() {
        return List.of();
    }

    /** Whether the model has a part or tokenizer. */
    boolean has(String part);

    /**
     * Checks that the model has these parts and tokenizers.
     *
     * @throws IOException naming those that are missing, and what there is instead
     */
    default void require(List<String> parts) throws IOException {
        List<String> missing = parts.stream().filter(part -> !has(part)).toList();
        if (missing.isEmpty()) {
            return;
        }
        if (missing.equals(List.of(MissingPartException.AUTOENCODER))) {
            throw MissingPartException.autoencoderOf(location());
        }
        String message = location() + ": has no folder " + String.join(", ", missing);
        if (!Files.isDirectory(location())) {
            throw new IOException(message);
        }
        try (Stream<Path> entries = Files.list(location())) {
            throw new IOException(message + "; there is "
                    + entries.map(e -> e.getFileName().toString()).sorted().toList());
        }
    }

    /** The settings that a folder holds in {@code file}, such as {@code unet/config.json} or {@code model_index.json}. */
    Config json(String file) throws IOException;

    /** Opens the weights of a part, in today's names or older ones of the same layout; the caller closes them. */
    Checkpoint weights(String part) throws IOException;

    /** Where the tokenizer {@code tokenizer} or {@code tokenizer_2} is read from. */
    TokenizerFolder tokenizer(String part) throws IOException;
}
