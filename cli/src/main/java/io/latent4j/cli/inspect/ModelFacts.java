package io.latent4j.cli.inspect;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.latent4j.core.config.Config;
import io.latent4j.core.weights.Checkpoint;
import io.latent4j.core.weights.TensorInfo;
import io.latent4j.pipeline.files.FileOptions;
import io.latent4j.pipeline.files.FileTensors;
import io.latent4j.pipeline.files.ModelFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the files of a model in the layout of diffusers say, without loading it.
 *
 * @param name what the model is called
 * @param pipeline the class it was made for
 * @param parts its folders
 * @param side of the images it makes best, in pixels; empty if it cannot be told
 */
record ModelFacts(String name, String pipeline, List<Part> parts, Optional<Integer> side) {
    static final String INDEX = "model_index.json";

    /** The settings that tell one model from another, by the part's folder. */
    private static final Map<String, List<String>> SETTINGS = Map.of(
            "scheduler", List.of("prediction_type", "num_train_timesteps", "beta_schedule", "timestep_spacing"),
            "text_encoder", List.of("hidden_size", "num_hidden_layers", "hidden_act"),
            "text_encoder_2", List.of("hidden_size", "num_hidden_layers", "hidden_act"),
            "tokenizer", List.of("model_max_length"),
            "tokenizer_2", List.of("model_max_length"),
            "unet", List.of("sample_size", "in_channels", "block_out_channels", "cross_attention_dim"),
            "vae", List.of("latent_channels", "scaling_factor", "block_out_channels", "force_upcast"));

    /** The part of a model whose class has this name, whatever its folder is called. */
    private static final Map<String, String> PARTS = Map.of(
            "UNet2DConditionModel", "unet",
            "UNet2DModel", "unet",
            "AutoencoderKL", "vae",
            "AutoencoderTiny", "vae",
            "CLIPTextModel", "text_encoder",
            "CLIPTextModelWithProjection", "text_encoder_2");

    /**
     * One folder of a model.
     *
     * @param name the folder's
     * @param className what it holds
     * @param weights empty where it has none, as a scheduler
     * @param settings the most telling of them
     */
    record Part(String name, String className, Optional<WeightFacts> weights, JsonObject settings) {

        JsonObject json() {
            JsonObject json = new JsonObject();
            json.addProperty("class", className);
            weights.ifPresent(found -> json.add("weights", found.totals()));
            json.add("settings", settings);
            return json;
        }
    }

    /** Reads the small files of a model, and the headers of its weights. */
    static ModelFacts of(String name, Path folder) throws IOException {
        Config index = Config.read(folder.resolve(INDEX));
        List<Part> parts = new ArrayList<>();
        for (String key : index.keys()) {
            if (index.isList(key) && Files.isDirectory(folder.resolve(key))) {
                parts.add(part(folder.resolve(key), key, className(index, key)));
            }
        }
        return new ModelFacts(name, index.text("_class_name", "unknown"), parts, side(folder));
    }

    /**
     * What a single file that holds a whole model says, or empty if it holds something else.
     *
     * @param tensors of the file
     * @param options what the file leaves open
     */
    static Optional<ModelFacts> ofFile(Path file, Map<String, TensorInfo> tensors, FileOptions options)
            throws IOException {
        if (!ModelFiles.areOfModel(new FileTensors(file, tensors))) {
            return Optional.empty();
        }
        ModelFiles files = ModelFiles.of(file, options);
        Config index = files.json(INDEX);
        List<Part> parts = new ArrayList<>();
        for (String key : index.keys()) {
            if (index.isList(key) && files.has(key) && !key.startsWith("tokenizer")) {
                parts.add(part(files, key, className(index, key)));
            }
        }
        String name = file.toAbsolutePath().normalize().getFileName().toString();
        return Optional.of(new ModelFacts(
                name,
                index.text("_class_name", "unknown"),
                parts,
                side(files.json("unet/config.json"), files.json("vae/config.json"))));
    }

    private static Part part(ModelFiles files, String name, String className) throws IOException {
        boolean scheduler = name.equals("scheduler");
        JsonObject config = files.json(name + (scheduler ? "/scheduler_config.json" : "/config.json"))
                .json();
        JsonObject settings = new JsonObject();
        SETTINGS.getOrDefault(name, List.of()).stream()
                .filter(config::has)
                .forEach(key -> settings.add(key, config.get(key)));
        if (scheduler) {
            return new Part(name, className, Optional.empty(), settings);
        }
        try (Checkpoint weights = files.weights(name)) {
            return new Part(name, className, Optional.of(WeightFacts.of(weights)), settings);
        }
    }

    /** Whether a folder holds one part of a model, and no model. */
    static boolean isPart(Path folder) {
        return List.of("config.json", "scheduler_config.json", "vocab.json").stream()
                .anyMatch(file -> Files.isRegularFile(folder.resolve(file)));
    }

    /** What a folder of one part says: a network, a scheduler or a tokenizer. */
    static Part ofPart(String name, Path folder) throws IOException {
        if (Files.isRegularFile(folder.resolve("config.json"))) {
            Config config = Config.read(folder.resolve("config.json"));
            String type = config.text(
                    "_class_name",
                    config.texts("architectures", List.of()).stream()
                            .findFirst()
                            .orElse("unknown"));
            Part part = part(folder, PARTS.getOrDefault(type, name), type);
            return new Part(name, type, part.weights(), part.settings());
        }
        if (Files.isRegularFile(folder.resolve("scheduler_config.json"))) {
            Config config = Config.read(folder.resolve("scheduler_config.json"));
            String type = config.text("_class_name", "unknown");
            return new Part(
                    name,
                    type,
                    Optional.empty(),
                    part(folder, "scheduler", type).settings());
        }
        return new Part(
                name,
                "tokenizer",
                Optional.empty(),
                part(folder, "tokenizer", "tokenizer").settings());
    }

    private static String className(Config index, String key) {
        JsonElement last = index.json().getAsJsonArray(key).asList().stream()
                .reduce((first, second) -> second)
                .orElseThrow(() -> index.bad(key, "is an empty list; expected a library and a class"));
        return last.isJsonNull() ? "none" : last.getAsString();
    }

    private static Part part(Path folder, String name, String className) throws IOException {
        JsonObject settings = new JsonObject();
        for (String file : List.of("config.json", "scheduler_config.json", "tokenizer_config.json")) {
            if (Files.exists(folder.resolve(file))) {
                JsonObject config = Config.read(folder.resolve(file)).json();
                SETTINGS.getOrDefault(name, List.of()).stream()
                        .filter(config::has)
                        .forEach(key -> settings.add(key, config.get(key)));
            }
        }
        if (Files.exists(folder.resolve("vocab.json"))) {
            settings.addProperty(
                    "vocabulary",
                    Config.read(folder.resolve("vocab.json")).keys().size());
        }
        return new Part(name, className, weights(folder), settings);
    }

    /** A part with a {@code config.json} is a network, and has weights. */
    private static Optional<WeightFacts> weights(Path folder) throws IOException {
        if (Files.notExists(folder.resolve("config.json"))) {
            return Optional.empty();
        }
        boolean transformers = Config.read(folder.resolve("config.json")).has("architectures");
        return Optional.of(WeightFacts.of(folder, transformers ? "model" : "diffusion_pytorch_model"));
    }

    private static Optional<Integer> side(Path folder) throws IOException {
        Path unet = folder.resolve("unet").resolve("config.json");
        Path vae = folder.resolve("vae").resolve("config.json");
        if (Files.notExists(unet) || Files.notExists(vae)) {
            return Optional.empty();
        }
        return side(Config.read(unet), Config.read(vae));
    }

    private static Optional<Integer> side(Config unetJson, Config vaeJson) {
        if (!unetJson.has("sample_size") || unetJson.isList("sample_size") || !vaeJson.has("block_out_channels")) {
            return Optional.empty();
        }
        int halvings = vaeJson.integers("block_out_channels").size() - 1;
        return Optional.of(unetJson.integer("sample_size") << halvings);
    }

    /** Numbers in all weights together. */
    long parameters() {
        return parts.stream()
                .flatMap(part -> part.weights().stream())
                .mapToLong(WeightFacts::parameters)
                .sum();
    }

    long bytes() {
        return parts.stream()
                .flatMap(part -> part.weights().stream())
                .mapToLong(WeightFacts::bytes)
                .sum();
    }

    JsonObject json() {
        JsonObject json = new JsonObject();
        json.addProperty("name", name);
        json.addProperty("pipeline", pipeline);
        side.ifPresent(pixels -> {
            json.addProperty("width", pixels);
            json.addProperty("height", pixels);
        });
        json.addProperty("parameters", parameters());
        json.addProperty("bytes", bytes());
        JsonObject all = new JsonObject();
        parts.forEach(part -> all.add(part.name(), part.json()));
        json.add("parts", all);
        return json;
    }
}
