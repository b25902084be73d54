package io.latent4j.cli.bench;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.latent4j.core.config.Config;
import io.latent4j.core.memory.NativeHeap;
import io.latent4j.core.nn.NamedBlock;
import io.latent4j.core.nn.Precision;
import io.latent4j.core.weights.SafeTensors;
import io.latent4j.core.weights.StoredType;
import io.latent4j.core.weights.TensorSource;
import io.latent4j.pipeline.files.ModelFiles;
import io.latent4j.pipeline.model.Components;
import io.latent4j.pipeline.model.EmbeddedModel;
import io.latent4j.pipeline.model.Placement;
import io.latent4j.textencoder.ClipTextConfig;
import io.latent4j.textencoder.ClipTextModel;
import io.latent4j.unet.UNet2DConditionConfig;
import io.latent4j.unet.UNet2DConditionModel;
import io.latent4j.vae.AutoencoderKL;
import io.latent4j.vae.AutoencoderKLConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Measures what loading a model takes: writes one of a published shape in float32, in files of two gigabytes at most with an
 * index, loads it, and deletes it.
 *
 * @param name of a {@link FullSizeModel}
 * @param place a folder with room for the model, in which one is made for it
 * @param precision the model is loaded in
 */
record LoadBench(String name, Path place, Device device, Precision precision) {
    private static final long LARGEST_FILE = 2_000_000_000;

    JsonObject run() throws IOException {
        Path folder = Files.createTempDirectory(place, "latent4j-bench-");
        try {
            long written = write(folder);
            NativeHeap.trim();
            long before = ResidentMemory.now().orElse(0);
            ResidentMemory.forgetPeak();
            long start = System.nanoTime();
            try (Components parts = Components.load(ModelFiles.of(folder), new Placement(device, precision))) {
                double seconds = (System.nanoTime() - start) * 1e-9;
                long peak = ResidentMemory.peak().orElse(0);
                NativeHeap.trim();
                JsonObject json = new JsonObject();
                json.addProperty("files_bytes", written);
                json.addProperty("data_type", precision.toString());
                json.addProperty("weights_bytes", bytes(parts));
                json.addProperty("load_seconds", Math.round(seconds * 10) / 10.0);
                json.addProperty("resident_growth_bytes", ResidentMemory.now().orElse(0) - before);
                json.addProperty("peak_growth_bytes", peak - before);
                return json;
            }
        } finally {
            delete(folder);
        }
    }

    private long bytes(Components parts) {
        long bytes = parts.unet().bytes(precision) + parts.vae().block().bytes(parts.vaePrecision());
        for (var reader : parts.readers()) {
            bytes += reader.encoder().block().bytes(precision);
        }
        return bytes;
    }

    /** Writes the folder; answers how many bytes of weights. */
    private long write(Path folder) throws IOException {
        JsonObject json = FullSizeModel.read(name);
        JsonArray texts = json.getAsJsonArray("text_encoders");
        JsonObject index = new JsonObject();
        index.add("_class_name", json.get("_class_name"));
        Files.writeString(folder.resolve("model_index.json"), index.toString());
        long bytes = part(
                folder.resolve("unet"),
                json.getAsJsonObject("unet"),
                new UNet2DConditionModel(UNet2DConditionConfig.from(config(json.getAsJsonObject("unet")))),
                "diffusion_pytorch_model");
        bytes += part(
                folder.resolve("vae"),
                json.getAsJsonObject("vae"),
                new AutoencoderKL(AutoencoderKLConfig.from(config(json.getAsJsonObject("vae")))),
                "diffusion_pytorch_model");
        try (EmbeddedModel model = EmbeddedModel.unpack()) { // any tokenizer whose tokens the encoders have
            for (int i = 0; i < texts.size(); i++) {
                String suffix = i == 0 ? "" : "_" + (i + 1);
                JsonObject text = texts.get(i).getAsJsonObject();
                bytes += part(
                        folder.resolve("text_encoder" + suffix),
                        text,
                        new ClipTextModel(ClipTextConfig.from(config(text))),
                        "model");
                copy(model.folder().resolve("tokenizer"), folder.resolve("tokenizer" + suffix));
            }
            copy(model.folder().resolve("scheduler"), folder.resolve("scheduler"));
        }
        return bytes;
    }

    private Config config(JsonObject json) {
        return Config.of(name, json);
    }

    private static long part(Path folder, JsonObject config, NamedBlock block, String stem) throws IOException {
        Files.createDirectories(folder);
        Files.writeString(folder.resolve("config.json"), config.toString());
        JsonObject weightMap = new JsonObject();
        Map<String, TensorSource> shard = new LinkedHashMap<>();
        long total = 0;
        long inShard = 0;
        int shards = 0;
        for (Map.Entry<String, Shape> entry : block.shapes().entrySet()) {
            long bytes = 4 * entry.getValue().size();
            if (inShard + bytes > LARGEST_FILE) {
                write(folder.resolve(file(stem, shards++)), shard);
                shard.clear();
                inShard = 0;
            }
            weightMap.addProperty(entry.getKey(), file(stem, shards));
            shard.put(
                    entry.getKey(),
                    new TensorSource(entry.getValue(), StoredType.F32, own -> own.full(entry.getValue(), 0.01f)));
            inShard += bytes;
            total += bytes;
        }
        write(folder.resolve(file(stem, shards)), shard);
        JsonObject index = new JsonObject();
        index.add("weight_map", weightMap);
        Files.writeString(folder.resolve(stem + ".safetensors.index.json"), index.toString());
        return total;
    }

    private static String file(String stem, int shard) {
        return stem + "-" + (shard + 1) + ".safetensors";
    }

    private static void write(Path file, Map<String, TensorSource> tensors) throws IOException {
        try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
            SafeTensors.write(file, tensors, Map.of("format", "pt"), manager);
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.createDirectories(to);
        try (Stream<Path> files = Files.list(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(file.getFileName()));
            }
        }
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            List<Path> deepestFirst = all.sorted(Comparator.reverseOrder()).toList();
            for (Path path : deepestFirst) {
                Files.delete(path);
            }
        }
    }
}
