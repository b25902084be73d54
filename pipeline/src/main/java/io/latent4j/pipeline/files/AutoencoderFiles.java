package io.latent4j.pipeline.files;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.latent4j.core.config.Config;
import io.latent4j.core.weights.Checkpoint;
import io.latent4j.core.weights.Checkpoint.View;
import io.latent4j.core.weights.TensorInfo;
import io.latent4j.vae.AutoencoderKL;
import io.latent4j.vae.AutoencoderKLConfig;
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
 * An autoencoder that is no part of a model. It may be
 *
 * <ul>
 *   <li>a folder in the layout of diffusers, with {@code config.json}, or a model's folder with a folder {@code vae};
 *   <li>a file in the original layout, or a model's single file, or a file with the keys of diffusers;
 *   <li>a tiny one as it was published: {@code taesd_decoder.safetensors}, with {@code taesd_encoder.safetensors} beside it
 *       if images are to be encoded, or the folder of both.
 * </ul>
 *
 * <p>A file that has no settings beside it has those that its tensors show; the scale of its latents and the groups of
 * normalization are none of them.
 */
public final class AutoencoderFiles {
    private static final String STEM = "diffusion_pytorch_model";
    private static final String CONFIG = "config.json";
    private static final String DECODER = "decoder";
    private static final String ENCODER = "encoder";
    private static final String TINY = "AutoencoderTiny";

    private final Path location;
    private final Config config;
    private final Opening opening;

    private interface Opening {
        Checkpoint open() throws IOException;
    }

    private AutoencoderFiles(Path location, JsonObject config, Opening opening) {
        this(location, Config.of(location.toString(), config), opening);
    }

    private AutoencoderFiles(Path location, Config config, Opening opening) {
        this.location = location;
        this.config = config;
        this.opening = opening;
    }

    /**
     * Finds out what there is at {@code path}.
     *
     * @throws IOException if there is nothing, or it cannot be read
     * @throws IllegalArgumentException if it is no autoencoder
     */
    public static AutoencoderFiles of(Path path) throws IOException {
        return of(path, WeightChoice.PLAIN);
    }

    /** @param choice which weights of a folder are read */
    static AutoencoderFiles of(Path path, WeightChoice choice) throws IOException {
        if (Files.isDirectory(path)) {
            return ofFolder(path, choice);
        }
        if (!Files.isRegularFile(path)) {
            throw new IOException(path + ": there is no such folder or file; expected an autoencoder");
        }
        return ofFile(path);
    }

    private static AutoencoderFiles ofFolder(Path folder, WeightChoice choice) throws IOException {
        if (Files.isRegularFile(folder.resolve("vae").resolve(CONFIG))) {
            return ofFolder(folder.resolve("vae"), choice);
        }
        if (Files.isRegularFile(folder.resolve(CONFIG))) {
            Config config = Config.read(folder.resolve(CONFIG));
            return new AutoencoderFiles(folder, config, () -> choice.open(folder, STEM));
        }
        try (Stream<Path> entries = Files.list(folder)) {
            Optional<Path> decoder = entries.filter(
                            file -> file.getFileName().toString().matches("tae.*decoder\\.(safetensors|pth|pt)"))
                    .sorted()
                    .findFirst();
            return ofFile(decoder.orElseThrow(() -> new IOException(folder
                    + ": holds no autoencoder; expected config.json and " + STEM + ".safetensors, or"
                    + " taesd_decoder.safetensors")));
        }
    }

    private static AutoencoderFiles ofFile(Path file) throws IOException {
        Map<String, TensorInfo> tensors;
        try (Checkpoint checkpoint = Checkpoint.open(file)) {
            tensors = checkpoint.tensors();
        }
        if (tensors.containsKey("3.conv.0.weight") && tensors.containsKey("1.weight")) {
            return tiny(file, channels(file, tensors, "1.weight"));
        }
        if (tensors.containsKey("0.weight") && tensors.containsKey("1.conv.0.weight")) {
            throw new IllegalArgumentException(
                    file + ": is the encoder of a tiny autoencoder; expected its decoder, taesd_decoder.safetensors");
        }
        if (tensors.containsKey("decoder.layers.0.weight")) {
            boolean encodes = tensors.containsKey("encoder.layers.0.weight");
            JsonObject config = tinyConfig(channels(file, tensors, "decoder.layers.0.weight"), encodes);
            return new AutoencoderFiles(file, config, () -> Checkpoint.open(file));
        }
        if (tensors.containsKey("decoder.up_blocks.0.resnets.0.norm1.weight")) {
            Path config = file.resolveSibling(CONFIG);
            if (!Files.isRegularFile(config)) {
                throw new IllegalArgumentException(
                        file + ": has the keys of diffusers; expected its config.json beside it, or its folder");
            }
            return new AutoencoderFiles(file, Config.read(config), () -> Checkpoint.open(file));
        }
        for (String prefix : List.of(AutoencoderNames.PREFIX, "")) {
            if (tensors.containsKey(prefix + "decoder.up.0.block.0.norm1.weight")) {
                return original(file, prefix);
            }
        }
        throw new IllegalArgumentException(file + ": holds no autoencoder; its tensors begin with "
                + tensors.keySet().stream().limit(3).toList());
    }

    private static int channels(Path file, Map<String, TensorInfo> tensors, String key) {
        if (tensors.get(key).shape().dimension() != 4) {
            throw new IllegalArgumentException(file + ": " + key + " is "
                    + tensors.get(key).shape() + "; expected a convolution of a tiny autoencoder");
        }
        return Math.toIntExact(tensors.get(key).shape().get(1));
    }

    /** Both files as one, with the keys of diffusers, whose decoder does not count the bending of latents as a layer. */
    private static AutoencoderFiles tiny(Path decoder, int channels) {
        Path encoder = decoder.resolveSibling(decoder.getFileName().toString().replace(DECODER, ENCODER));
        boolean encodes = !encoder.equals(decoder) && Files.isRegularFile(encoder);
        return new AutoencoderFiles(decoder, tinyConfig(channels, encodes), () -> {
            Checkpoint decodes = renamed(
                    Checkpoint.open(decoder),
                    key -> "decoder.layers." + (Integer.parseInt(first(key)) - 1)
                            + key.substring(first(key).length()));
            return encodes ? decodes.and(renamed(Checkpoint.open(encoder), key -> "encoder.layers." + key)) : decodes;
        });
    }

    private static String first(String key) {
        String first = key.substring(0, Math.max(key.indexOf('.'), 0));
        if (!first.matches("\\d{1,3}")) {
            throw new IllegalArgumentException(
                    "the key " + key + " is not of a tiny autoencoder; expected a layer's number first");
        }
        return first;
    }

    private static Checkpoint renamed(Checkpoint checkpoint, Function<String, String> name) throws IOException {
        try {
            Map<String, View> views = new LinkedHashMap<>();
            checkpoint.tensors().keySet().forEach(key -> views.put(name.apply(key), new View(key, info -> info)));
            return checkpoint.view(views);
        } catch (RuntimeException e) {
            checkpoint.close();
            throw e;
        }
    }

    private static JsonObject tinyConfig(int channels, boolean encodes) {
        JsonObject json = new JsonObject();
        json.addProperty("_class_name", TINY);
        json.addProperty("latent_channels", channels);
        if (!encodes) {
            json.add("num_encoder_blocks", new JsonArray());
        }
        return json;
    }

    private static AutoencoderFiles original(Path file, String prefix) throws IOException {
        JsonObject json;
        try (Checkpoint checkpoint = whole(file, prefix)) {
            json = new AutoencoderShapes(new FileTensors(file, checkpoint.tensors())).settings();
        }
        JsonObject ungrouped = json.deepCopy();
        ungrouped.addProperty("norm_num_groups", 1); // which no shape depends on
        AutoencoderKLConfig shape = AutoencoderKLConfig.from(Config.of(file.toString(), ungrouped));
        AutoencoderNames names = new AutoencoderNames(shape);
        return new AutoencoderFiles(file, json, () -> {
            Checkpoint checkpoint = whole(file, prefix);
            Map<String, View> views = new LinkedHashMap<>();
            new AutoencoderKL(shape).shapes().forEach((key, expected) -> {
                Origin origin = names.origin(key);
                if (checkpoint.tensors().containsKey(origin.key())) {
                    views.put(key, origin.view(expected));
                }
            });
            return checkpoint.view(views);
        });
    }

    /** The file with the names that the autoencoder has in a whole model's. */
    private static Checkpoint whole(Path file, String prefix) throws IOException {
        Checkpoint checkpoint = Checkpoint.open(file);
        return prefix.isEmpty() ? renamed(checkpoint, key -> AutoencoderNames.PREFIX + key) : checkpoint;
    }

    /** The folder or file. */
    public Path location() {
        return location;
    }

    /** The settings, of which those that tensors do not show may be missing. */
    public Config config() {
        return config;
    }

    /** Opens the weights, with the keys of diffusers; the caller closes them. */
    public Checkpoint weights() throws IOException {
        return opening.open();
    }
}
