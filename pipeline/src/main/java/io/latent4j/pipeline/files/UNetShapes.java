package io.latent4j.pipeline.files;

import com.google.gson.JsonObject;
import io.latent4j.core.weights.TensorInfo;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntUnaryOperator;

/**
 * What the names and shapes of a file's tensors say of its UNet, in the form of diffusers' settings. What no shape shows is
 * as in the published models.
 */
record UNetShapes(FileTensors tensors) {
    private static final int HEADS_OF_CONVOLUTIONS = 8;
    private static final int HEAD_CHANNELS = 64;
    private static final int MOST_BLOCKS = 64;
    private static final String LABEL = UNetNames.PREFIX + "label_emb.0.0.weight";
    private static final String OUT = UNetNames.PREFIX + "out.2.weight";
    private static final String IN = input(0) + "0.weight";
    private static final String PROJECTION = UNetNames.PREFIX + "middle_block.1.proj_in.weight";

    /** Of a control network, whose half of a UNet is looked at as that of a model. */
    static UNetShapes ofControlNet(Path path, Map<String, TensorInfo> tensors) {
        Map<String, TensorInfo> named = new TreeMap<>();
        tensors.forEach((key, info) -> named.put(key.replaceFirst("^control_model\\.", UNetNames.PREFIX), info));
        return new UNetShapes(new FileTensors(path, named));
    }

    /** Whether the tensors are a UNet's, among others. */
    static boolean isIn(FileTensors tensors) {
        return tensors.has(IN);
    }

    /** Whether the UNet takes a vector beside the time: pooled texts and sizes. */
    boolean isLabelled() {
        return tensors.has(LABEL);
    }

    /** How many channels the UNet takes. */
    long channels() {
        return tensors.size(IN, 1);
    }

    /** Eight heads at each level. */
    static int eightHeads(int width) {
        return HEADS_OF_CONVOLUTIONS;
    }

    /** Heads of 64 channels. */
    static int wideHeads(int width) {
        return Math.max(width / HEAD_CHANNELS, 1);
    }

    /**
     * The settings that a folder holds in {@code unet/config.json}.
     *
     * @param heads how many heads a level of so many channels has
     * @param sampleSize the side of the latents that the model was trained on
     */
    JsonObject unet(IntUnaryOperator heads, int sampleSize) {
        List<Integer> widths = new ArrayList<>();
        List<Integer> depths = new ArrayList<>();
        int layers = 0;
        int n = 1;
        for (boolean more = true; more; n++) {
            int first = n;
            String block = input(n);
            int depth = 0;
            for (; tensors.has(block + "0.out_layers.3.weight"); block = input(++n)) {
                depth = tensors.count(block + "1.transformer_blocks.");
                if (n == first) {
                    widths.add((int) tensors.size(block + "0.out_layers.3.weight", 0));
                }
            }
            layers = Math.max(layers, n - first);
            depths.add(depth);
            more = tensors.has(block + "0.op.weight") && n < MOST_BLOCKS;
        }
        if (widths.size() != depths.size()) {
            throw tensors.bad("has a UNet with an empty level", "residual blocks at each");
        }
        String middle = UNetNames.PREFIX + "middle_block.1.transformer_blocks.";
        JsonObject json = settings(widths, depths, layers, tensors.count(middle), heads);
        json.addProperty("sample_size", sampleSize);
        return json;
    }

    private static String input(int n) {
        return UNetNames.PREFIX + "input_blocks." + n + ".";
    }

    private JsonObject settings(
            List<Integer> widths, List<Integer> depths, int layers, int middleDepth, IntUnaryOperator heads) {
        int levels = widths.size();
        List<Boolean> attends = depths.stream().map(depth -> depth > 0).toList();
        List<Boolean> attendsUp = new ArrayList<>(attends);
        Collections.reverse(attendsUp);
        List<Integer> layersOfTransformers =
                new ArrayList<>(depths.stream().map(depth -> Math.max(depth, 1)).toList());
        layersOfTransformers.set(levels - 1, Math.max(middleDepth, 1)); // the middle has the last level's
        JsonObject json = new JsonObject();
        json.addProperty("_class_name", "UNet2DConditionModel");
        json.addProperty("in_channels", channels());
        if (tensors.has(OUT)) {
            json.addProperty("out_channels", tensors.size(OUT, 0));
        }
        json.add("block_out_channels", FileTensors.numbers(widths));
        json.addProperty("layers_per_block", layers);
        json.add(
                "down_block_types",
                FileTensors.texts(attends.stream().map(a -> a ? "CrossAttnDownBlock2D" : "DownBlock2D")));
        json.add(
                "up_block_types",
                FileTensors.texts(attendsUp.stream().map(a -> a ? "CrossAttnUpBlock2D" : "UpBlock2D")));
        json.add(
                "attention_head_dim",
                FileTensors.numbers(widths.stream().map(heads::applyAsInt).toList()));
        json.add("transformer_layers_per_block", FileTensors.numbers(layersOfTransformers));
        json.addProperty(
                "cross_attention_dim",
                tensors.size(UNetNames.PREFIX + "middle_block.1.transformer_blocks.0.attn2.to_k.weight", 1));
        json.addProperty("use_linear_projection", tensors.dimensions(PROJECTION) == 2);
        if (isLabelled()) {
            json.addProperty("addition_embed_type", "text_time");
            json.addProperty("addition_time_embed_dim", 256);
            json.addProperty("projection_class_embeddings_input_dim", tensors.size(LABEL, 1));
        }
        return json;
    }

    /**
     * The settings that the folder of a control network holds in {@code config.json}. Models whose projections are linear
     * have heads of 64 channels.
     */
    JsonObject controlNet() {
        boolean linear = tensors.has(PROJECTION) && tensors.dimensions(PROJECTION) == 2;
        JsonObject json = unet(linear ? UNetShapes::wideHeads : UNetShapes::eightHeads, 0);
        List.of("out_channels", "up_block_types", "sample_size").forEach(json::remove);
        json.addProperty("_class_name", "ControlNetModel");
        String hint = UNetNames.PREFIX + "input_hint_block.";
        json.addProperty("conditioning_channels", tensors.size(hint + "0.weight", 1));
        List<Integer> widths = new ArrayList<>();
        // Each width but the last has a convolution that keeps it and one that leads on; the last one leads to the
        // UNet.
        for (int n = 0; tensors.has(hint + (n + 2) + ".weight") && n < MOST_BLOCKS; n += 4) {
            widths.add((int) tensors.size(hint + n + ".weight", 0));
        }
        json.add("conditioning_embedding_out_channels", FileTensors.numbers(widths));
        return json;
    }
}
