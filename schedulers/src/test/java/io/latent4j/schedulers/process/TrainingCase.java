package io.latent4j.schedulers.process;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.latent4j.schedulers.ReferenceTensors;
import io.latent4j.schedulers.config.SchedulerConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/** One training step of the reference implementation: clean data, noise, and what it made of them. */
record TrainingCase(String name, JsonObject json, ReferenceTensors tensors) {
    private static final String FULL = System.getProperty("reference", "");

    /** All cases where {@code -Dreference} names their folder, else two. */
    static Stream<TrainingCase> all() {
        Stream<String> weighted = Stream.of("sd15_minsnr_epsilon", "sd15_minsnr_v_prediction");
        Stream<String> plain = Stream.of("sd15_mse_epsilon", "sd15_mse_v_prediction");
        return Stream.concat(weighted, FULL.isEmpty() ? Stream.empty() : plain).map(TrainingCase::of);
    }

    private static TrainingCase of(String name) {
        Path folder = FULL.isEmpty()
                ? Path.of("src/test/resources/reference")
                : Path.of(System.getProperty("latent4j.root", "..")).resolve(FULL);
        Path root = folder.resolve("cases").resolve("training");
        try {
            JsonObject json = JsonParser.parseString(Files.readString(root.resolve(name + ".json")))
                    .getAsJsonObject();
            return new TrainingCase(name, json, ReferenceTensors.read(root.resolve(name + ".safetensors")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The scheduler's settings, with the prediction type among them. */
    SchedulerConfig config() {
        JsonObject scalars = json.getAsJsonObject("scalars");
        JsonObject config = scalars.getAsJsonObject("scheduler").deepCopy();
        config.add("prediction_type", scalars.get("prediction_type"));
        return SchedulerConfig.from(config, name);
    }

    double gamma() {
        return json.getAsJsonObject("scalars").get("snr_gamma").getAsDouble();
    }

    int[] timesteps() {
        return tensors.wholeNumbers("in.timesteps");
    }

    NDArray tensor(String tensor, NDManager manager) {
        return tensors.get(tensor, manager);
    }

    Optional<NDArray> findTensor(String tensor, NDManager manager) {
        return tensors.find(tensor, manager);
    }

    @Override
    public String toString() {
        return name;
    }
}
