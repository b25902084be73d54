package io.latent4j.conformance;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import io.latent4j.core.config.Config;
import io.latent4j.core.weights.Checkpoint;
import io.latent4j.pipeline.files.AutoencoderFiles;
import io.latent4j.pipeline.files.FileOptions;
import io.latent4j.pipeline.files.ModelFiles;
import io.latent4j.textencoder.ClipTextModel;
import io.latent4j.vae.AutoencoderKL;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * A model in one file in its original layout, or a part of one as a PyTorch archive: every weight must equal the one in the
 * folder that the file is equivalent to, bit for bit, and there must be no other.
 */
final class SingleFileReplay {
    private static final List<String> PARTS = List.of("text_encoder", "text_encoder_2", "unet", "vae");

    private static final List<String> CLASSES = List.of(
            "CLIPTextModel",
            "UNet2DConditionModel",
            "UNet2DModel",
            "AutoencoderKL",
            "AutoencoderTiny",
            "ControlNetModel");

    private static final String NETWORK = "diffusion_pytorch_model";

    private SingleFileReplay() {}

    /**
     * @param equivalent the diffusers folder below {@code root}, of a model for a model's file and of the part for a part's,
     *     and, after a space, in what the file differs from it
     * @throws NotCovered if the folder is of a class that latent4j has not, or the file differs
     */
    static void run(Path file, Path root, String equivalent, Workbench bench, Comparison comparison)
            throws IOException {
        String[] words = equivalent.split(" ", 2);
        Path folder = root.resolve(words[0]);
        checkIsCovered(folder);
        if (words.length > 1) {
            throw new NotCovered(words[1]);
        }
        try (NDManager manager = bench.newManager()) {
            if (!Files.isDirectory(folder.resolve("unet"))) {
                try (Checkpoint got = part(file, folder);
                        Checkpoint expected = Checkpoint.open(folder, stem(folder))) {
                    compare("", got, expected, manager, comparison);
                }
                return;
            }
            ModelFiles single = ModelFiles.of(file, FileOptions.none().withConfig(folder));
            ModelFiles plain = ModelFiles.of(folder);
            for (String part : PARTS) {
                comparison.number(part, single.has(part) ? 1 : 0, plain.has(part) ? 1 : 0, Tolerance.NONE);
                if (single.has(part) && plain.has(part)) {
                    try (Checkpoint got = single.weights(part);
                            Checkpoint expected = plain.weights(part)) {
                        compare(part + ".", got, expected, manager, comparison);
                    }
                }
            }
        }
    }

    private static void checkIsCovered(Path folder) throws IOException {
        Path index = folder.resolve("model_index.json");
        if (Files.isRegularFile(index)) {
            if (!Files.isDirectory(folder.resolve("unet"))) {
                throw new NotCovered("class " + Config.read(index).text("_class_name", "unknown"));
            }
            return;
        }
        Path config = folder.resolve("config.json");
        if (Files.isRegularFile(config)) {
            String name = Config.read(config).text("_class_name", CLASSES.get(0)); // text encoders have none
            if (!CLASSES.contains(name)) {
                throw new NotCovered("class " + name);
            }
        }
    }

    /** What the weights of a part's folder are called. */
    private static String stem(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.anyMatch(file -> file.getFileName().toString().startsWith(NETWORK)) ? NETWORK : "model";
        }
    }

    /** A part's file with today's keys: an autoencoder may be in the original layout, or published as decoder and encoder. */
    private static Checkpoint part(Path file, Path folder) throws IOException {
        Path config = folder.resolve("config.json");
        boolean isAutoencoder = Files.isRegularFile(config)
                && Config.read(config).text("_class_name", "").startsWith("Autoencoder");
        return isAutoencoder ? AutoencoderFiles.of(file).weights() : Checkpoint.open(file);
    }

    private static void compare(
            String prefix, Checkpoint got, Checkpoint expected, NDManager manager, Comparison comparison)
            throws IOException {
        Map<String, String> gotKeys = currentKeys(got);
        Map<String, String> expectedKeys = currentKeys(expected);
        comparison.number(prefix + "tensors", gotKeys.size(), expectedKeys.size(), Tolerance.NONE);
        for (var key : expectedKeys.entrySet()) {
            String name = prefix + key.getKey();
            if (!gotKeys.containsKey(key.getKey())) {
                comparison.number(name, 0, 1, Tolerance.NONE);
                continue;
            }
            try (NDArray left = got.read(gotKeys.get(key.getKey()), manager, DataType.FLOAT32);
                    NDArray right = expected.read(key.getValue(), manager, DataType.FLOAT32)) {
                comparison.arrays(name, left, right, Tolerance.NONE);
            }
        }
    }

    /** Stored keys by today's names, without what is no weight. */
    private static Map<String, String> currentKeys(Checkpoint checkpoint) {
        Map<String, String> keys = new LinkedHashMap<>();
        Function<String, Optional<String>> current =
                key -> ClipTextModel.currentKey(key).map(AutoencoderKL::currentKey);
        checkpoint.tensors().keySet().forEach(key -> current.apply(key).ifPresent(name -> keys.put(name, key)));
        return keys;
    }
}
