package io.latent4j.pipeline.files;

import io.latent4j.core.config.Config;
import io.latent4j.core.weights.Checkpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A model in a folder in the layout of diffusers: {@code model_index.json} and a folder for each part.
 *
 * @param choice which weights of a part are read
 */
record ModelFolder(Path location, WeightChoice choice) implements ModelFiles {

    /** The names of weights without their ending, which differ from kind to kind. */
    static String stem(String part) {
        return part.startsWith("text_encoder") ? "model" : "diffusion_pytorch_model";
    }

    @Override
    public boolean has(String part) {
        return Files.isDirectory(location.resolve(part));
    }

    @Override
    public Config json(String file) throws IOException {
        return Config.read(location.resolve(file));
    }

    @Override
    public Checkpoint weights(String part) throws IOException {
        return choice.open(location.resolve(part), stem(part));
    }

    @Override
    public TokenizerFolder tokenizer(String part) {
        return new TokenizerFolder(location.resolve(part), Optional.empty());
    }
}
