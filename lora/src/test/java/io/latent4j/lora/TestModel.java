package io.latent4j.lora;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.latent4j.core.nn.Conv2d;
import io.latent4j.core.nn.Linear;
import io.latent4j.core.nn.NamedBlock;
import io.latent4j.core.nn.Pass;
import io.latent4j.core.random.TorchRandom;
import io.latent4j.core.weights.SafeTensors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A few layers under names of a UNet's, with random weights, and files of adapters for them. */
final class TestModel extends NamedBlock {
    static final String Q = "down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_q";
    static final String OUT = "down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_out.0";
    static final String CONV = "down_blocks.0.resnets.0.conv1";
    static final String KOHYA_Q = "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn1_to_q";
    static final String KOHYA_CONV = "lora_unet_down_blocks_0_resnets_0_conv1";

    /** Names of a family with one UNet and two text encoders. */
    static final AdapterNames NAMES = new AdapterNames(Map.of(
            LoraPart.UNET,
            new AdapterNames.Part(
                    "lora_unet_", "unet.", List.of("diffusion_model."), AdapterNames.Aliases.originalUNet(), false),
            LoraPart.TEXT_ENCODER,
            new AdapterNames.Part(
                    "lora_te_",
                    "text_encoder.",
                    List.of("lora_te1_", "text_encoders.clip_l.transformer."),
                    AdapterNames.Aliases.without("text_model."),
                    false),
            LoraPart.TEXT_ENCODER_2,
            new AdapterNames.Part("lora_te2_", "text_encoder_2.")));

    private final Linear q = child(Q, new Linear(4, 6, false));
    private final Linear out = child(OUT, new Linear(6, 4));
    private final Conv2d conv = child(CONV, Conv2d.same3x3(4, 6));

    TestModel() {
        child("conv_out", Conv2d.pointwise(6, 4));
    }

    static TestModel random(NDManager manager) {
        TestModel model = new TestModel();
        TorchRandom random = new TorchRandom(1);
        model.load(
                "random weights",
                model.shapes(),
                key -> random.normal(manager, model.shapes().get(key)));
        return model;
    }

    /** (N, 4) → (N, 4). */
    NDArray forward(Pass pass, NDArray x) {
        return out.forward(pass, q.forward(pass, x));
    }

    /** (N, 4, H, W) → (N, 6, H, W). */
    NDArray convolve(Pass pass, NDArray x) {
        return conv.forward(pass, x);
    }

    /** This model as the UNet of a pipeline. */
    AdaptableModel adaptable() {
        return new AdaptableModel(NAMES, Map.of(LoraPart.UNET, this));
    }

    float[] weight(String layer) {
        return getParameters().get(layer + ".weight").getArray().toFloatArray();
    }

    /** Random numbers of these shapes, the same ones for the same seed. */
    static Map<String, NDArray> random(NDManager manager, long seed, Map<String, Shape> shapes) {
        Map<String, NDArray> tensors = new TreeMap<>();
        TorchRandom random = new TorchRandom(seed);
        new TreeMap<>(shapes).forEach((key, shape) -> tensors.put(key, random.normal(manager, shape)));
        return tensors;
    }

    static Path write(Path file, Map<String, NDArray> tensors) throws IOException {
        SafeTensors.write(file, tensors, Map.of());
        return file;
    }

    /** A LoRA of rank 2 for {@link #Q}, in kohya's names. */
    static Map<String, NDArray> lowRank(NDManager manager, long seed) {
        return random(
                manager,
                seed,
                Map.of(KOHYA_Q + ".lora_down.weight", new Shape(2, 4), KOHYA_Q + ".lora_up.weight", new Shape(6, 2)));
    }
}
