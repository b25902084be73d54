package io.latent4j.pipeline.files;

import com.google.gson.JsonObject;
import io.latent4j.core.config.Config;
import io.latent4j.core.weights.Checkpoint;
import io.latent4j.core.weights.Checkpoint.View;
import io.latent4j.core.weights.TensorInfo;
import io.latent4j.unet.ControlNetConfig;
import io.latent4j.unet.ControlNetModel;
import io.latent4j.unet.UNet2DConditionConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A control network. It may be
 *
 * <ul>
 *   <li>a folder in the layout of diffusers, with {@code config.json};
 *   <li>a file with the keys of diffusers, and its {@code config.json} beside it;
 *   <li>a file in the original layout ({@code .pth}, {@code .safetensors}), with or without {@code control_model.} before
 *       each key. Its settings follow from its tensors; what no tensor shows, attention heads and groups of normalization,
 *       is as in the UNet it steers, of which it is a copy.
 * </ul>
 */
public final class ControlNetFiles {
    private static final String STEM = "diffusion_pytorch_model";
    private static final String CONFIG = "config.json";
    private static final String FIRST = "input_hint_block.0.weight";

    private final Path location;
    private final Config config;
    private final boolean original;
    private final WeightChoice choice;

    private ControlNetFiles(Path location, Config config, boolean original, WeightChoice choice) {
        this.location = location;
        this.config = config;
        this.original = original;
        this.choice = choice;
    }

    /**
     * Finds out what there is at {@code path}.
     *
     * @throws IOException if there is nothing, or it cannot be read
     * @throws IllegalArgumentException if it is no control network
     */
    public static ControlNetFiles of(Path path) throws IOException {
        return of(path, WeightChoice.PLAIN);
    }

    /** @param choice which weights of a folder are read */
    static ControlNetFiles of(Path path, WeightChoice choice) throws IOException {
        if (Files.isDirectory(path)) {
            return new ControlNetFiles(path, Config.read(path.resolve(CONFIG)), false, choice);
        }
        if (!Files.isRegularFile(path)) {
            throw new IOException(path + ": there is no such folder or file; expected a control network");
        }
        try (Checkpoint checkpoint = named(Checkpoint.open(path))) {
            Map<String, TensorInfo> tensors = checkpoint.tensors();
            if (tensors.containsKey(ControlNetNames.PREFIX + FIRST)) {
                JsonObject json =
                        UNetShapes.ofControlNet(path, checkpoint.tensors()).controlNet();
                return new ControlNetFiles(path, Config.of(path.toString(), json), true, choice);
            }
            if (!tensors.containsKey("controlnet_cond_embedding.conv_in.weight")) {
                throw new IllegalArgumentException(path + ": holds no control network; its tensors begin with "
                        + tensors.keySet().stream().limit(3).toList() + "; expected " + ControlNetNames.PREFIX + FIRST
                        + " or controlnet_cond_embedding.conv_in.weight among them");
            }
        }
        Path config = path.resolveSibling(CONFIG);
        if (!Files.isRegularFile(config)) {
            throw new IllegalArgumentException(
                    path + ": has the keys of diffusers; expected its config.json beside it, or its folder");
        }
        return new ControlNetFiles(path, Config.read(config), false, choice);
    }

    /** With {@code control_model.} before each key in the original layout. */
    private static Checkpoint named(Checkpoint checkpoint) {
        if (!checkpoint.tensors().containsKey(FIRST)) {
            return checkpoint;
        }
        Map<String, View> views = new LinkedHashMap<>();
        checkpoint
                .tensors()
                .keySet()
                .forEach(key -> views.put(ControlNetNames.PREFIX + key, new View(key, info -> info)));
        return checkpoint.view(views);
    }

    /** The folder or file. */
    public Path location() {
        return location;
    }

    /**
     * The network's shape.
     *
     * @param base of the UNet that it is to steer
     * @throws IllegalArgumentException if a setting is not supported, naming it
     */
    public ControlNetConfig config(UNet2DConditionConfig base) {
        if (!original) {
            return ControlNetConfig.from(config);
        }
        JsonObject json = config.json().deepCopy();
        if (sizes(json, "block_out_channels") == base.blockOutChannels().size()) { // a copy; others are refused later
            json.add("attention_head_dim", FileTensors.numbers(base.heads()));
            json.addProperty("norm_num_groups", base.normGroups());
            json.addProperty("norm_eps", base.normEpsilon());
        }
        return ControlNetConfig.from(Config.of(config.name(), json));
    }

    private static int sizes(JsonObject json, String key) {
        return json.getAsJsonArray(key).size();
    }

    /** Opens the weights of a network of that shape, with the keys of diffusers; the caller closes them. */
    public Checkpoint weights(ControlNetConfig shape) throws IOException {
        if (Files.isDirectory(location)) {
            return choice.open(location, STEM);
        }
        Checkpoint file = Checkpoint.open(location);
        if (!original) {
            return file;
        }
        Checkpoint checkpoint = named(file);
        ControlNetNames names = new ControlNetNames(shape);
        Map<String, View> views = new LinkedHashMap<>();
        new ControlNetModel(shape).shapes().forEach((key, expected) -> {
            Origin origin = names.origin(key);
            if (checkpoint.tensors().containsKey(origin.key())) {
                views.put(key, origin.view(expected));
            }
        });
        return checkpoint.view(views);
    }
}
