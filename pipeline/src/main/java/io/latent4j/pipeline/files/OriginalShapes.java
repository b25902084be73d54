package io.latent4j.pipeline.files;

import ai.djl.ndarray.types.Shape;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.latent4j.core.weights.TensorInfo;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * What the names and shapes of a single file's tensors say about its model: the family, and the settings of each part in
 * the form of diffusers. What no shape shows is as in the published models: 8 heads in Stable Diffusion 1 and 64 channels a
 * head elsewhere, groups of 32.
 */
final class OriginalShapes {
    private static final int HEADS_OF_1 = 8;
    private static final int HEAD_CHANNELS = 64;
    private static final int MOST_BLOCKS = 64;
    private static final String LABEL = UNetNames.PREFIX + "label_emb.0.0.weight";

    private static final String OUT = UNetNames.PREFIX + "out.2.weight";

    private final Path path;
    private final TreeMap<String, TensorInfo> tensors;
    private final Family family;

    /** @throws IllegalArgumentException if the tensors are of no known family, saying what they look like instead */
    OriginalShapes(Path path, Map<String, TensorInfo> tensors) {
        this.path = path;
        this.tensors = new TreeMap<>(tensors);
        this.family = findFamily();
    }

    private OriginalShapes(Path path, Map<String, TensorInfo> tensors, Family family) {
        this.path = path;
        this.tensors = new TreeMap<>(tensors);
        this.family = family;
    }

    /** Of a file that need not hold more than an autoencoder, whose family does not show. */
    static OriginalShapes ofAutoencoder(Path path, Map<String, TensorInfo> tensors) {
        return new OriginalShapes(path, tensors, Family.STABLE_DIFFUSION_1);
    }

    /**
     * Of a control network, whose half of a UNet is looked at as that of a model. SDXL's is told sizes; Stable Diffusion 2
     * has linear projections, which no other shows.
     */
    static OriginalShapes ofControlNet(Path path, Map<String, TensorInfo> tensors) {
        Map<String, TensorInfo> named = new TreeMap<>();
        tensors.forEach((key, info) -> named.put(key.replaceFirst("^control_model\\.", UNetNames.PREFIX), info));
        TensorInfo projection = named.get(UNetNames.PREFIX + "middle_block.1.proj_in.weight");
        boolean linear = projection != null && projection.shape().dimension() == 2;
        Family family =
                named.containsKey(LABEL) ? Family.XL : linear ? Family.STABLE_DIFFUSION_2 : Family.STABLE_DIFFUSION_1;
        return new OriginalShapes(path, named, family);
    }

    Family family() {
        return family;
    }

    private Family findFamily() {
        if (!has(UNetNames.PREFIX + "input_blocks.0.0.weight")) {
            throw unknown();
        }
        if (has(LABEL)) {
            if (!begins(OpenClipNames.XL) && !begins(OpenClipNames.REFINER)) {
                throw withoutText();
            }
            return begins(OpenClipNames.XL) ? Family.XL : Family.XL_REFINER;
        }
        if (begins(OpenClipNames.STABLE_DIFFUSION_2)) {
            return Family.STABLE_DIFFUSION_2;
        }
        if (begins(OpenAiClipNames.STABLE_DIFFUSION_1)) {
            return Family.STABLE_DIFFUSION_1;
        }
        throw withoutText();
    }

    private IllegalArgumentException withoutText() {
        return bad("has a UNet and no text encoder", "a whole model: merge them, or use the model's folder");
    }

    private IllegalArgumentException unknown() {
        Predicate<String> any = part -> tensors.keySet().stream().anyMatch(key -> key.contains(part));
        String looks;
        if (begins(AutoencoderNames.PREFIX) || begins("cond_stage_model.") || begins("conditioner.")) {
            throw bad("has no UNet (no tensors " + UNetNames.PREFIX + "*)", "a whole model");
        }
        if (any.test("lora_") || any.test(".lora")) {
            looks = "looks like a LoRA, which is an adapter and goes with a model";
        } else if (any.test("control_model.") || any.test("controlnet_cond_embedding")) {
            looks = "looks like a ControlNet, which goes with a model";
        } else if (any.test("double_blocks.")
                || any.test("joint_blocks.")
                || any.test("transformer_blocks.0.ff_context")) {
            looks = "looks like a diffusion transformer (Stable Diffusion 3 or Flux), which is not supported";
        } else if (any.test("down_blocks.") || any.test("text_model.")) {
            looks = "looks like one part of a model; name the folder of the whole model";
        } else {
            looks = "begins with " + tensors.keySet().stream().limit(3).toList();
        }
        return bad(
                "holds no model in an original layout; it " + looks,
                "a file of Stable Diffusion 1, 2 or XL with " + UNetNames.PREFIX + "*");
    }

    /**
     * The settings that a folder holds in {@code unet/config.json}.
     *
     * @param large whether it is the model of Stable Diffusion 2 that was trained at 768 pixels
     */
    JsonObject unet(boolean large) {
        List<Integer> widths = new ArrayList<>();
        List<Integer> depths = new ArrayList<>();
        int layers = 0;
        int n = 1;
        for (boolean more = true; more; n++) {
            int first = n;
            String block = input(n);
            int depth = 0;
            for (; has(block + "0.out_layers.3.weight"); block = input(++n)) {
                depth = count(block + "1.transformer_blocks.");
                if (n == first) {
                    widths.add((int) size(block + "0.out_layers.3.weight", 0));
                }
            }
            layers = Math.max(layers, n - first);
            depths.add(depth);
            more = has(block + "0.op.weight") && n < MOST_BLOCKS;
        }
        if (widths.size() != depths.size()) {
            throw bad("has a UNet with an empty level", "residual blocks at each");
        }
        String middle = UNetNames.PREFIX + "middle_block.1.transformer_blocks.";
        return unet(widths, depths, layers, count(middle), large);
    }

    private static String input(int n) {
        return UNetNames.PREFIX + "input_blocks." + n + ".";
    }

    private JsonObject unet(List<Integer> widths, List<Integer> depths, int layers, int middleDepth, boolean large) {
        int levels = widths.size();
        List<Boolean> attends = depths.stream().map(depth -> depth > 0).toList();
        List<Boolean> attendsUp = new ArrayList<>(attends);
        Collections.reverse(attendsUp);
        List<Integer> layersOfTransformers =
                new ArrayList<>(depths.stream().map(depth -> Math.max(depth, 1)).toList());
        layersOfTransformers.set(levels - 1, Math.max(middleDepth, 1)); // the middle has the last level's
        List<Integer> heads = widths.stream()
                .map(width -> family == Family.STABLE_DIFFUSION_1 ? HEADS_OF_1 : Math.max(width / HEAD_CHANNELS, 1))
                .toList();
        JsonObject json = new JsonObject();
        json.addProperty("_class_name", "UNet2DConditionModel");
        json.addProperty("in_channels", size(input(0) + "0.weight", 1));
        if (has(OUT)) {
            json.addProperty("out_channels", size(OUT, 0));
        }
        json.add("block_out_channels", numbers(widths));
        json.addProperty("layers_per_block", layers);
        json.add("down_block_types", texts(attends.stream().map(a -> a ? "CrossAttnDownBlock2D" : "DownBlock2D")));
        json.add("up_block_types", texts(attendsUp.stream().map(a -> a ? "CrossAttnUpBlock2D" : "UpBlock2D")));
        json.add("attention_head_dim", numbers(heads));
        json.add("transformer_layers_per_block", numbers(layersOfTransformers));
        json.addProperty("cross_attention_dim", size(middle("attn2.to_k.weight"), 1));
        json.addProperty("use_linear_projection", dimensions(UNetNames.PREFIX + "middle_block.1.proj_in.weight") == 2);
        json.addProperty("sample_size", family.isXl() ? 128 : large ? 96 : 64);
        if (has(LABEL)) {
            json.addProperty("addition_embed_type", "text_time");
            json.addProperty("addition_time_embed_dim", 256);
            json.addProperty("projection_class_embeddings_input_dim", size(LABEL, 1));
        }
        return json;
    }

    private static String middle(String weight) {
        return UNetNames.PREFIX + "middle_block.1.transformer_blocks.0." + weight;
    }

    /** The settings that the folder of a control network holds in {@code config.json}. */
    JsonObject controlNet() {
        JsonObject json = unet(false);
        List.of("out_channels", "up_block_types", "sample_size").forEach(json::remove);
        json.addProperty("_class_name", "ControlNetModel");
        String hint = UNetNames.PREFIX + "input_hint_block.";
        json.addProperty("conditioning_channels", size(hint + "0.weight", 1));
        List<Integer> widths = new ArrayList<>();
        // Each width but the last has a convolution that keeps it and one that leads on; the last one leads to the
        // UNet.
        for (int n = 0; has(hint + (n + 2) + ".weight") && n < MOST_BLOCKS; n += 4) {
            widths.add((int) size(hint + n + ".weight", 0));
        }
        json.add("conditioning_embedding_out_channels", numbers(widths));
        return json;
    }

    /** The settings that a folder holds in {@code vae/config.json}. */
    JsonObject vae() {
        String down = AutoencoderNames.PREFIX + "encoder.down.";
        List<Integer> widths = new ArrayList<>();
        for (int i = 0; has(down + i + ".block.0.conv1.weight") && i < MOST_BLOCKS; i++) {
            widths.add((int) size(down + i + ".block.0.conv1.weight", 0));
        }
        JsonObject json = new JsonObject();
        json.addProperty("_class_name", "AutoencoderKL");
        json.add("block_out_channels", numbers(widths));
        json.add("down_block_types", texts(widths.stream().map(width -> "DownEncoderBlock2D")));
        json.add("up_block_types", texts(widths.stream().map(width -> "UpDecoderBlock2D")));
        json.addProperty("layers_per_block", count(down + "0.block."));
        json.addProperty("latent_channels", size(AutoencoderNames.PREFIX + "decoder.conv_in.weight", 1));
        json.addProperty("scaling_factor", family.vaeScale());
        json.addProperty("sample_size", family.isXl() ? 1024 : 512);
        return json;
    }

    /** The settings that a folder holds in {@code text_encoder/config.json} or {@code text_encoder_2/config.json}. */
    JsonObject textEncoder(String part) {
        String prefix = family.textPrefix(part);
        return family.isOpenClip(part) ? openClip(prefix) : openAiClip(prefix);
    }

    private JsonObject openAiClip(String prefix) {
        String text = begins(prefix + "text_model.") ? prefix + "text_model." : prefix;
        JsonObject json = text(
                text + "embeddings.token_embedding.weight",
                text + "embeddings.position_embedding.weight",
                text + "encoder.layers.0.mlp.fc1.weight");
        json.addProperty("num_hidden_layers", count(text + "encoder.layers."));
        json.addProperty("hidden_act", "quick_gelu");
        json.add("architectures", texts(Stream.of("CLIPTextModel")));
        return json;
    }

    private JsonObject openClip(String prefix) {
        JsonObject json = text(
                prefix + "token_embedding.weight",
                prefix + "positional_embedding",
                prefix + "transformer.resblocks.0.mlp.c_fc.weight");
        int layers = count(prefix + "transformer.resblocks.");
        // Stable Diffusion 2 takes the states before the last layer, which is then none of the model's.
        json.addProperty("num_hidden_layers", family == Family.STABLE_DIFFUSION_2 ? layers - 1 : layers);
        json.addProperty("hidden_act", "gelu");
        if (family.isXl()) {
            json.addProperty("projection_dim", size(prefix + "text_projection", 1));
        }
        json.add("architectures", texts(Stream.of(family.isXl() ? "CLIPTextModelWithProjection" : "CLIPTextModel")));
        return json;
    }

    private JsonObject text(String tokens, String positions, String perceptron) {
        JsonObject json = new JsonObject();
        json.addProperty("model_type", "clip_text_model");
        json.addProperty("vocab_size", size(tokens, 0));
        json.addProperty("hidden_size", size(tokens, 1));
        json.addProperty("num_attention_heads", Math.max(size(tokens, 1) / HEAD_CHANNELS, 1));
        json.addProperty("max_position_embeddings", size(positions, 0));
        json.addProperty("intermediate_size", size(perceptron, 0));
        json.addProperty("layer_norm_eps", 1e-5);
        json.addProperty("bos_token_id", 0);
        json.addProperty("eos_token_id", 2);
        return json;
    }

    private boolean has(String key) {
        return tensors.containsKey(key);
    }

    /** Whether there is a tensor whose key begins so. */
    boolean begins(String prefix) {
        String key = tensors.ceilingKey(prefix);
        return key != null && key.startsWith(prefix);
    }

    /** How many blocks are numbered from 0 behind {@code prefix}. */
    private int count(String prefix) {
        int count = 0;
        while (count < MOST_BLOCKS && begins(prefix + count + ".")) {
            count++;
        }
        return count;
    }

    private long size(String key, int dimension) {
        Shape shape = shape(key);
        if (dimension >= shape.dimension()) {
            throw bad("has " + key + " as " + shape, "more dimensions");
        }
        return shape.get(dimension);
    }

    private int dimensions(String key) {
        return shape(key).dimension();
    }

    private Shape shape(String key) {
        TensorInfo info = tensors.get(key);
        if (info == null) {
            throw bad("has no " + key, "a whole " + family.title() + " model");
        }
        return info.shape();
    }

    static JsonArray numbers(List<Integer> values) {
        JsonArray array = new JsonArray();
        values.forEach(array::add);
        return array;
    }

    private static JsonArray texts(Stream<String> values) {
        JsonArray array = new JsonArray();
        values.forEach(array::add);
        return array;
    }

    private IllegalArgumentException bad(String what, String expected) {
        return new IllegalArgumentException(path + ": " + what + "; expected " + expected);
    }
}
