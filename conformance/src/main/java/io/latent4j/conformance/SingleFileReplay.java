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

    private static final String NETWORK = "diffusion_pytorch_model";

    private SingleFileReplay() {}

    /** @param folder the diffusers folder, of a model for a model's file and of the part for a part's */
    static void run(Path file, Path folder, Workbench bench, Comparison comparison) throws IOException {
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
