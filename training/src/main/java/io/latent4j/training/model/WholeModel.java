package io.latent4j.training.model;

import com.google.gson.JsonObject;
import io.latent4j.core.config.Config;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The folder of a model, in the layout of diffusers, all of which is to be trained further. */
public record WholeModel(Path folder) {
    private static final String INDEX = "model_index.json";
    private static final String SECOND_ENCODER = "text_encoder_2";
    private static final String OWN_KEYS = "latent4j_";

    /**
     * Checks what can be seen from outside.
     *
     * @throws IllegalArgumentException if it is no folder of one model, or of a model of another family
     */
    public WholeModel {
        if (!Files.isDirectory(folder.resolve("unet"))) {
            throw new IllegalArgumentException(
                    folder + ": has no folder unet; expected a model's folder in the layout of diffusers");
        }
        if (Files.exists(folder.resolve(SECOND_ENCODER))) {
            throw ofAnotherFamily(folder.toString());
        }
    }

    /** The refusal of a model of another family than Stable Diffusion 1 and 2, which {@code what} is, or is of. */
    public static IllegalArgumentException ofAnotherFamily(String what) {
        return new IllegalArgumentException(what + ": is of another family, such as Stable Diffusion XL, of which"
                + " adapters can be trained but not all weights; expected a Stable Diffusion 1 or 2");
    }

    public Path part(String name) {
        return folder.resolve(name);
    }

    public JsonObject scheduler() throws IOException {
        return Config.read(folder.resolve("scheduler").resolve("scheduler_config.json"))
                .json();
    }

    /** What the model is run with unless something else is asked for. */
    public JsonObject index() throws IOException {
        JsonObject kept = new JsonObject();
        if (Files.exists(folder.resolve(INDEX))) {
            Config.read(folder.resolve(INDEX)).json().asMap().forEach((key, value) -> {
                if (key.startsWith(OWN_KEYS)) {
                    kept.add(key, value);
                }
            });
        }
        return kept;
    }
}
