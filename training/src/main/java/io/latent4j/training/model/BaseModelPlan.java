package io.latent4j.training.model;

import io.latent4j.core.config.Config;
import io.latent4j.hub.ModelId;
import io.latent4j.pipeline.files.FileOptions;
import io.latent4j.pipeline.model.Devices;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The model that a run adds something to, as the keys {@code model}, {@code variant}, {@code tokenizer}, {@code config},
 * {@code prediction_type}, {@code data_type} and {@code weight_type} of a run file name it.
 *
 * @param file names the run file in errors
 * @param name as it is written; empty for the model that ships with latent4j
 * @param place the name as a path relative to the run file
 * @param variant which weights of a folder on the hub
 * @param options what a model in a single file leaves open
 * @param dataType what the model computes in
 * @param weightType what its weights are stored in
 */
public record BaseModelPlan(
        Config file,
        Optional<String> name,
        Optional<Path> place,
        Optional<String> variant,
        FileOptions options,
        String dataType,
        String weightType) {
    private static final String VARIANT = "variant";
    private static final String[] SETTINGS = {"tokenizer", "config", "prediction_type"};
    private static final String OF_A_FOLDER = "it is for models in a single file: a folder's own tokenizer, config.json"
            + " files and scheduler/scheduler_config.json count; leave it out, or change those";

    /** Reads the keys, and looks whether a file or folder of the name exists; loads nothing. */
    public static BaseModelPlan read(Config file) {
        Optional<String> name = file.optionalText("model");
        Optional<Path> place = file.path("model");
        Optional<Path> tokenizer = file.path("tokenizer");
        Optional<Path> config = file.path("config");
        Optional<String> predictionType = file.optionalText("prediction_type");
        FileOptions options = file.checked(() -> new FileOptions(tokenizer, config, predictionType))
                .orElseGet(FileOptions::none);
        String dataType = file.text("data_type", "float32");
        String weightType = file.text("weight_type", "auto");
        file.checked(() -> Devices.requirePrecision(weightType, dataType));
        BaseModelPlan plan =
                new BaseModelPlan(file, name, place, file.optionalText(VARIANT), options, dataType, weightType);
        plan.refuseWithoutEffect();
        return plan;
    }

    private void refuseWithoutEffect() {
        if (name.isEmpty()) {
            file.refuseWithoutEffect("the model that ships with latent4j has its own", SETTINGS);
            file.refuseWithoutEffect("the model that ships with latent4j has one set of weights", VARIANT);
            return;
        }
        if (isHere() || isFile()) {
            file.refuseWithoutEffect("it chooses among the weights of a folder on the hub", VARIANT);
        }
        if (!isFile()) {
            file.refuseWithoutEffect(OF_A_FOLDER, SETTINGS);
        }
    }

    /**
     * Checks that the model may be there: that it is, or that its name could be one on the hub.
     *
     * @throws IOException if neither holds
     */
    public void requireIsThere() throws IOException {
        if (name.isPresent() && !isHere() && !ModelId.isId(name.get())) {
            throw new IOException(file.name() + ": model: there is no folder or file " + place.orElseThrow()
                    + "; expected a model, or owner/name of one on the hub");
        }
    }

    /** Whether it is on this machine. */
    boolean isHere() {
        return place.filter(Files::exists).isPresent();
    }

    private boolean isFile() {
        return isHere()
                ? Files.isRegularFile(place.orElseThrow())
                : name.filter(ModelId::isId)
                        .flatMap(id -> ModelId.parse(id).file())
                        .isPresent();
    }
}
