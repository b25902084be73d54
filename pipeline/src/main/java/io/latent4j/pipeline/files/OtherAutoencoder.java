package io.latent4j.pipeline.files;

import com.google.gson.JsonObject;
import io.latent4j.core.config.Config;
import io.latent4j.core.weights.Checkpoint;
import io.latent4j.vae.Autoencoder;
import io.latent4j.vae.AutoencoderConfig;
import io.latent4j.vae.AutoencoderKL;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** A model with another autoencoder than its own. */
record OtherAutoencoder(ModelFiles model, AutoencoderFiles vae) implements ModelFiles {
    private static final String PART = "vae";
    private static final String SETTINGS = "vae/config.json";
    private static final String SCALE = "scaling_factor";
    private static final String SHIFT = "shift_factor";
    private static final String KIND = "AutoencoderKL";

    /** What no tensor shows, and is the model's own where nothing else says it. */
    private static final List<String> UNSEEN = List.of(SCALE, SHIFT, "norm_num_groups", "force_upcast");

    @Override
    public Path location() {
        return model.location();
    }

    @Override
    public List<String> warnings() {
        return model.warnings();
    }

    @Override
    public boolean has(String part) {
        return part.equals(PART) || model.has(part);
    }

    @Override
    public Config json(String file) throws IOException {
        if (!file.equals(SETTINGS)) {
            return model.json(file);
        }
        boolean hasSettings = model instanceof SingleFile single ? single.hasSettings() : model.has(PART);
        boolean hasOwn = model instanceof SingleFile single ? single.hasAutoencoder() : model.has(PART);
        if (!hasOwn && !hasSettings) {
            return scaled();
        }
        Config own = model instanceof SingleFile single ? single.settings(SETTINGS) : model.json(SETTINGS);
        AutoencoderConfig expected = Autoencoder.of(own).config();
        JsonObject settings = vae.config().json().deepCopy();
        boolean comparable = Autoencoder.of(own) instanceof AutoencoderKL
                && vae.config().text("_class_name", KIND).equals(KIND);
        if (comparable) {
            UNSEEN.stream()
                    .filter(key -> !settings.has(key) && own.json().has(key))
                    .forEach(key -> settings.add(key, own.json().get(key)));
        }
        Config config = Config.of(vae.config().name(), settings);
        AutoencoderConfig found = Autoencoder.of(config).config();
        check("latent channels", found.latentChannels(), expected.latentChannels());
        check("pixels to a side of a latent", found.downscale(), expected.downscale());
        if (comparable) {
            check(SCALE, found.scalingFactor(), expected.scalingFactor());
            check(SHIFT, found.shiftFactor(), expected.shiftFactor());
        }
        return config;
    }

    /** The settings, with the scale that autoencoders of the model's family have where nothing else says it. */
    private Config scaled() throws IOException {
        JsonObject scaled = vae.config().json().deepCopy();
        if (!scaled.has(SCALE) && vae.config().text("_class_name", KIND).equals(KIND)) {
            Optional<SingleFileLayout> layout = model instanceof SingleFile single
                    ? Optional.of(single.layout())
                    : Layouts.installed().writing(model);
            layout.ifPresent(known -> scaled.addProperty(SCALE, known.latentScale()));
        }
        return Config.of(vae.config().name(), scaled);
    }

    private void check(String what, Number found, Number expected) {
        if (!found.equals(expected)) {
            throw new IllegalArgumentException(vae.location() + ": is an autoencoder for another family of models: "
                    + what + " is " + found + "; expected " + expected + ", as in " + model.location());
        }
    }

    @Override
    public Checkpoint weights(String part) throws IOException {
        return part.equals(PART) ? vae.weights() : model.weights(part);
    }

    @Override
    public TokenizerFolder tokenizer(String part) throws IOException {
        return model.tokenizer(part);
    }
}
