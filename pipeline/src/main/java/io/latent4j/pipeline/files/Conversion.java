package io.latent4j.pipeline.files;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonObject;
import io.latent4j.core.config.Config;
import io.latent4j.core.files.Draft;
import io.latent4j.core.weights.Checkpoint;
import io.latent4j.core.weights.SafeTensors;
import io.latent4j.core.weights.StoredType;
import io.latent4j.core.weights.TensorInfo;
import io.latent4j.core.weights.TensorSource;
import io.latent4j.pipeline.files.Origin.Form;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Writes a model in another layout or data type: as a folder in the layout of diffusers, or as a single file in the
 * original one. One tensor at a time is in memory.
 *
 * @param files the model
 * @param floating the type of floating-point weights; empty to keep each as it is
 */
public record Conversion(ModelFiles files, Optional<StoredType> floating) {
    private static final String INDEX = "model_index.json";
    private static final String SCHEDULER = "scheduler/scheduler_config.json";
    private static final List<String> TOKENIZER_FILES = List.of(
            "vocab.json",
            "merges.txt",
            "tokenizer.json",
            "tokenizer_config.json",
            "special_tokens_map.json",
            "added_tokens.json",
            "spiece.model",
            "chat_template.jinja");

    /**
     * Writes a folder in the layout of diffusers, which appears whole or not at all.
     *
     * @param folder is made; must not be there, or be empty
     * @param listener is told of each part before it is written
     * @throws IOException if the folder is there and not empty, or cannot be written
     */
    public void toFolder(Path folder, BiConsumer<String, Path> listener) throws IOException {
        if (Files.exists(folder) && (!Files.isDirectory(folder) || !isEmpty(folder))) {
            throw new IOException(folder + ": is there already; expected a new or an empty folder; name another");
        }
        try (Draft draft = Draft.ofFolder(folder)) {
            draft.fill(path -> fill(path, folder, listener));
            draft.create();
        }
    }

    private void fill(Path draft, Path folder, BiConsumer<String, Path> listener) throws IOException {
        write(draft.resolve(INDEX), files.json(INDEX).json());
        write(draft.resolve(SCHEDULER), files.json(SCHEDULER).json());
        Map<String, Config> parts = new LinkedHashMap<>(); // all before the first is written, as one may be missing
        for (String part : Layouts.parts()) {
            if (files.has(part)) {
                parts.put(part, config(part));
            }
        }
        for (String tokenizer : Layouts.tokenizers()) {
            if (files.has(tokenizer)) {
                writeTokenizer(files.tokenizer(tokenizer), draft.resolve(tokenizer));
            }
        }
        for (var entry : parts.entrySet()) {
            String part = entry.getKey();
            Path file = Path.of(part, ModelFolder.stem(part) + ".safetensors");
            listener.accept(part, folder.resolve(file));
            write(draft.resolve(part).resolve("config.json"), entry.getValue().json());
            writePart(part, draft.resolve(file));
        }
    }

    private static boolean isEmpty(Path folder) throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.findAny().isEmpty();
        }
    }

    private Config config(String part) throws IOException {
        return files.json(part + "/config.json");
    }

    private static void write(Path file, JsonObject json) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(
                file,
                new GsonBuilder().setPrettyPrinting().serializeNulls().create().toJson(json) + "\n");
    }

    private static void writeTokenizer(TokenizerFolder tokenizer, Path folder) throws IOException {
        Files.createDirectories(folder);
        for (String name : TOKENIZER_FILES) {
            Path file = tokenizer.folder().resolve(name);
            if (Files.isRegularFile(file)) {
                Files.write(folder.resolve(name), Files.readAllBytes(file));
            }
        }
        if (tokenizer.padding().isPresent()) {
            Path map = folder.resolve("special_tokens_map.json");
            JsonObject tokens = Files.exists(map) ? Config.read(map).json() : new JsonObject();
            tokens.addProperty("pad_token", tokenizer.padding().get());
            write(map, tokens);
        }
    }

    private void writePart(String part, Path file) throws IOException {
        try (Checkpoint weights = files.weights(part);
                NDManager manager = NDManager.newBaseManager()) {
            Function<String, Optional<String>> names = PartKeys.of(part, files);
            Map<String, TensorSource> tensors = new LinkedHashMap<>();
            weights.tensors()
                    .forEach((key, info) -> names.apply(key).ifPresent(name -> {
                        StoredType type = type(info);
                        tensors.put(
                                name,
                                new TensorSource(info.shape(), type, own -> weights.read(key, own, type.dataType())));
                    }));
            SafeTensors.write(file, tensors, Map.of("format", "pt"), manager);
        }
    }

    private StoredType type(TensorInfo info) {
        StoredType kept = info.type().written();
        return floating.filter(type -> info.type().isFloating()).orElse(kept);
    }

    /**
     * Writes a single safetensors file in the original layout, which appears whole or not at all, without a tokenizer, which single files do not hold.
     *
     * @param file is replaced if it is there
     * @throws IllegalArgumentException if the model is of a family that has no single files
     */
    public void toFile(Path file, BiConsumer<String, Path> listener) throws IOException {
        SingleFileLayout layout = Layouts.installed()
                .writing(files)
                .orElseThrow(() -> new IllegalArgumentException(
                        files.location() + ": is a model of a family that has no single files; keep the folder"));
        layout.check(files);
        Map<String, String> metadata = new LinkedHashMap<>(Map.of("format", "pt"));
        Config scheduler = files.json(SCHEDULER);
        String predictionType = scheduler.text("prediction_type", Prediction.EPSILON);
        boolean velocity = predictionType.equals(Prediction.VELOCITY);
        if (!velocity && !predictionType.equals(Prediction.EPSILON)) {
            throw scheduler.bad(
                    "prediction_type",
                    "is \"" + predictionType + "\", which a single file has no place for; keep the folder");
        }
        metadata.put("modelspec.prediction_type", velocity ? "v" : Prediction.EPSILON);
        Map<String, TensorSource> tensors = new LinkedHashMap<>();
        Map<String, Checkpoint> open = new LinkedHashMap<>();
        try (NDManager manager = NDManager.newBaseManager()) {
            for (String part : layout.parts()) {
                if (part.equals(MissingPartException.AUTOENCODER) && !files.has(part)) {
                    throw MissingPartException.autoencoderOf(files.location());
                }
                listener.accept(part, file);
                Checkpoint weights = files.weights(part);
                open.put(part, weights);
                add(tensors, weights, part, layout);
            }
            if (velocity && scheduler.flag("rescale_betas_zero_snr", false)) {
                List.of(Prediction.VELOCITY_MARK, Prediction.ZERO_SNR).forEach(mark -> tensors.put(mark, mark()));
            }
            SafeTensors.write(file, tensors, metadata, manager);
        } finally {
            for (Checkpoint weights : open.values()) {
                weights.close();
            }
        }
    }

    /** A tensor that says something by being there. */
    private static TensorSource mark() {
        return new TensorSource(new Shape(1), StoredType.F32, manager -> manager.ones(new Shape(1)));
    }

    private void add(Map<String, TensorSource> tensors, Checkpoint weights, String part, SingleFileLayout layout)
            throws IOException {
        Function<String, Optional<String>> names = PartKeys.of(part, files);
        Map<String, String> stored = new LinkedHashMap<>();
        weights.tensors().keySet().forEach(key -> names.apply(key).ifPresent(name -> stored.put(name, key)));
        Map<String, OriginalTensor> all =
                new LinkedHashMap<>(layout.part(part, config(part)).tensors());
        all.putAll(layout.unused(part, all));
        for (var entry : all.entrySet()) {
            OriginalTensor tensor = entry.getValue();
            List<String> missing = tensor.weights().stream()
                    .filter(key -> !stored.containsKey(key))
                    .toList();
            if (!missing.isEmpty()) {
                throw new IOException(weights + ": has no " + missing + "; expected all weights of " + layout.title());
            }
            List<String> keys = tensor.weights().stream().map(stored::get).toList();
            StoredType type = keys.isEmpty()
                    ? type(weights.tensors().values().iterator().next())
                    : type(weights.tensors().get(keys.get(0)));
            tensors.put(
                    entry.getKey(),
                    new TensorSource(tensor.shape(), type, own -> original(weights, keys, tensor, type, own)));
        }
    }

    private static NDArray original(
            Checkpoint weights, List<String> keys, OriginalTensor tensor, StoredType type, NDManager manager)
            throws IOException {
        DataType dataType = type.dataType();
        Shape shape = tensor.shape();
        if (keys.isEmpty()) {
            return manager.zeros(shape, dataType);
        }
        NDList parts = new NDList();
        for (String key : keys) {
            parts.add(weights.read(key, manager, dataType));
        }
        if (tensor.form() == Form.TRANSPOSED) {
            return parts.get(0).transpose();
        }
        return parts.size() == 1 ? parts.get(0).reshape(shape) : NDArrays.concat(parts, 0);
    }
}
