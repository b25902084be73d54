package io.latent4j.pipeline.model;

import io.latent4j.lora.AdapterNames;
import io.latent4j.pipeline.files.ModelFiles;
import java.io.IOException;
import java.util.Map;
import java.util.Set;

/**
 * A kind of text-to-image model: which files it recognises, and how its parts work together. A family is registered by a
 * line with its class name in {@code META-INF/services/io.latent4j.pipeline.model.ModelFamily} of its module; the class has
 * a public constructor without parameters and no state.
 */
public interface ModelFamily {

    /** What to call the family. */
    String title();

    /** The values of {@code _class_name} in {@code model_index.json} that are this family's. */
    Set<String> classNames();

    /** Whether the files are of a model of this family. */
    default boolean recognises(ModelFiles files) throws IOException {
        return classNames().contains(files.json(Families.INDEX).text("_class_name", ""));
    }

    /**
     * Opens a model, which the caller closes.
     *
     * @param name what to call it
     * @throws IOException if a file is missing or damaged
     * @throws IllegalArgumentException if a config asks for what is not supported, or weights do not fit
     */
    Model open(String name, ModelFiles files, Placement placement) throws IOException;

    /** How adapter files of this family name its layers. */
    AdapterNames adapterNames();

    /** The metadata that adapters trained for {@code model} carry for other tools, such as {@code modelspec.architecture}. */
    default Map<String, String> adapterMetadata(Model model) {
        return Map.of("ss_base_model_version", model.name());
    }
}
