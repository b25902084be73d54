package io.latent4j.pipeline.model;

import io.latent4j.lora.AdaptableModel;
import io.latent4j.lora.AdapterNames;
import io.latent4j.lora.AdapterOrigin;
import io.latent4j.pipeline.files.ModelFiles;
import io.latent4j.pipeline.files.ModelKind;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;

/**
 * A kind of text-to-image model: which files it recognises, and how its parts work together. It is registered as {@link
 * ModelKind} says.
 */
public interface ModelFamily extends ModelKind {

    /** Whether the files are of a model of this family. */
    default boolean recognises(ModelFiles files) throws IOException {
        return classNames().contains(files.json(INDEX).text("_class_name", ""));
    }

    /**
     * Opens a model, which the caller closes.
     *
     * @param name what to call it
     * @throws IOException if a file is missing or damaged
     * @throws IllegalArgumentException if a config asks for what is not supported, or weights do not fit
     */
    Model open(String name, ModelFiles files, Placement placement) throws IOException;

    /**
     * The parts of a model that adapters can change, without weights.
     *
     * @throws IOException if a file is missing or damaged
     * @throws IllegalArgumentException if a config asks for what is not supported, or adapters can change nothing
     */
    AdaptableModel adaptable(ModelFiles files) throws IOException;

    /** How adapter files of this family name its layers. */
    AdapterNames adapterNames();

    /**
     * What to call the models that an adapter was made for; empty if they are not of this family or it cannot be told.
     *
     * @param layers as {@link AdapterOrigin#of} has them
     */
    default Optional<String> adapterOrigin(Map<String, Long> layers) {
        return Optional.empty();
    }

    /** The metadata that adapters trained for {@code model} carry for other tools, such as {@code modelspec.architecture}. */
    default Map<String, String> adapterMetadata(Model model) {
        return Map.of("ss_base_model_version", model.name());
    }
}
