package io.latent4j.training.run;

import ai.djl.ndarray.NDArray;
import com.google.common.collect.ImmutableMap;
import com.google.common.io.MoreFiles;
import com.google.common.io.RecursiveDeleteOption;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.latent4j.core.files.Draft;
import io.latent4j.core.nn.NamedBlock;
import io.latent4j.core.weights.SafeTensors;
import io.latent4j.core.weights.StoredType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Writes models in the layout of the reference implementation's folders; a folder appears whole or not at all. */
public final class ModelFolder {
    private static final String INDEX = "model_index.json";

    private ModelFolder() {}

    /** Fills a folder that is still a draft. */
    @FunctionalInterface
    public interface Content {
        void write(Path draft) throws IOException;
    }

    /**
     * Makes {@code folder} with {@code content}, in place of what was there.
     *
     * @throws IOException if it cannot be written; what was there is as it was
     */
    public static void write(Path folder, Content content) throws IOException {
        Path target = folder.toAbsolutePath();
        Path draft = target.resolveSibling("." + target.getFileName() + ".draft");
        remove(draft);
        Files.createDirectories(draft);
        try {
            Draft.fill(draft, folder, path -> {
                content.write(path);
                Synced.tree(path);
            });
            replace(target, draft);
        } finally {
            remove(draft);
        }
    }

    private static void replace(Path target, Path draft) throws IOException {
        Path old = target.resolveSibling("." + target.getFileName() + ".old");
        remove(old);
        boolean replaces = Files.exists(target);
        if (replaces) {
            Files.move(target, old, StandardCopyOption.ATOMIC_MOVE);
        }
        try {
            Files.move(draft, target, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            if (replaces) {
                Files.move(old, target, StandardCopyOption.ATOMIC_MOVE);
            }
            throw e;
        }
        Synced.entries(target.getParent());
        remove(old);
    }

    /** Writes a part's {@code config.json} and its weights beside it. */
    public static void part(Path folder, JsonObject config, NamedBlock block, String weights, StoredType type)
            throws IOException {
        Files.createDirectories(folder);
        json(folder.resolve("config.json"), config);
        Map<String, NDArray> arrays = new LinkedHashMap<>();
        block.getParameters()
                .forEach(entry -> arrays.put(entry.getKey(), entry.getValue().getArray()));
        SafeTensors.write(folder.resolve(weights), arrays, Map.of("format", "pt"), type);
    }

    /** Copies a part that stays as it is. */
    public static void copy(Path from, Path to) throws IOException {
        Files.createDirectories(to);
        try (Stream<Path> files = Files.list(from)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Files.copy(file, to.resolve(file.getFileName().toString()));
            }
        }
    }

    /**
     * Writes the {@code model_index.json} of a text-to-image model, which says what the parts are, and {@code extra}.
     *
     * @param scheduler its class, as its own file says; DDIM's where that says none
     */
    public static void index(Path folder, Optional<String> scheduler, JsonObject extra) throws IOException {
        JsonObject index = index(
                "StableDiffusionPipeline",
                ImmutableMap.of(
                        "scheduler", List.of("diffusers", scheduler.orElse("DDIMScheduler")),
                        "text_encoder", List.of("transformers", "CLIPTextModel"),
                        "tokenizer", List.of("transformers", "CLIPTokenizer"),
                        "unet", List.of("diffusers", "UNet2DConditionModel"),
                        "vae", List.of("diffusers", "AutoencoderKL")));
        for (String absent : List.of("safety_checker", "feature_extractor")) {
            JsonArray none = new JsonArray();
            none.add((String) null);
            none.add((String) null);
            index.add(absent, none);
        }
        index.addProperty("requires_safety_checker", false);
        extra.asMap().forEach(index::add);
        json(folder.resolve(INDEX), index);
    }

    /** Writes the {@code model_index.json} of a model that works on pixels, without text, and {@code extra} in it. */
    public static void pixelIndex(Path folder, String scheduler, JsonObject extra) throws IOException {
        JsonObject index = index(
                "DDPMPipeline",
                ImmutableMap.of(
                        "scheduler", List.of("diffusers", scheduler), "unet", List.of("diffusers", "UNet2DModel")));
        extra.asMap().forEach(index::add);
        json(folder.resolve(INDEX), index);
    }

    private static JsonObject index(String pipeline, Map<String, List<String>> parts) {
        JsonObject index = new JsonObject();
        index.addProperty("_class_name", pipeline);
        parts.forEach((part, kind) -> {
            JsonArray names = new JsonArray();
            kind.forEach(names::add);
            index.add(part, names);
        });
        return index;
    }

    /** Writes {@code json} for people to read. */
    public static void json(Path file, JsonObject json) throws IOException {
        Files.writeString(
                file,
                new GsonBuilder()
                                .setPrettyPrinting()
                                .disableHtmlEscaping()
                                .serializeNulls()
                                .create()
                                .toJson(json)
                        + "\n");
    }

    private static void remove(Path folder) throws IOException {
        if (Files.exists(folder)) {
            MoreFiles.deleteRecursively(folder, RecursiveDeleteOption.ALLOW_INSECURE);
        }
    }
}
