package io.latent4j.training.optimizer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.latent4j.core.nn.NamedBlock;
import io.latent4j.core.random.TorchRandom;
import io.latent4j.training.data.Draws;
import java.util.Arrays;
import java.util.Map;

/**
 * The parameters a model begins its training with: weights uniform within {@code ± 1 / √fan-in}, norms that change
 * nothing, embeddings normal with deviation 0.02. The last layer of each residual branch is zero, so that the deepest
 * network begins as the identity and learns at once (<a href="https://arxiv.org/abs/1706.02677">Goyal et al. 2017</a>,
 * section 5.1).
 */
public final class Initialization {
    private static final double EMBEDDING_DEVIATION = 0.02;
    private static final float INITIAL_LOG_VARIANCE = -6;

    private Initialization() {}

    /** Fills {@code block} from {@code seed}; {@code manager} owns the arrays from now on. */
    public static void fill(NamedBlock block, NDManager manager, long seed) {
        Map<String, Shape> shapes = block.shapes();
        block.load("the initial parameters", shapes, key -> {
            TorchRandom random = new TorchRandom(Draws.of(seed, key.hashCode()).bits());
            return initial(key, shapes, manager, random);
        });
    }

    private static NDArray initial(String key, Map<String, Shape> shapes, NDManager manager, TorchRandom random) {
        Shape shape = shapes.get(key);
        if (endsResidualBranch(key)) {
            return manager.zeros(shape);
        }
        if (key.contains("embedding.weight")) {
            return scaled(random.normal(Math.toIntExact(shape.size())), EMBEDDING_DEVIATION, manager, shape);
        }
        if (key.equals("quant_conv.bias")) {
            return momentsBias(shape, manager);
        }
        Shape weight = shapes.get(key.replaceAll("bias$", "weight"));
        if (weight == null || weight.dimension() < 2) {
            return key.endsWith("bias") ? manager.zeros(shape) : manager.ones(shape);
        }
        double bound = 1 / Math.sqrt((double) weight.size() / weight.get(0));
        float[] values = random.uniform(Math.toIntExact(shape.size()));
        for (int i = 0; i < values.length; i++) {
            values[i] = 2 * values[i] - 1;
        }
        return scaled(values, bound, manager, shape);
    }

    /** An autoencoder's latents begin almost without noise, or its decoder would have to wait for its encoder to find out. */
    private static NDArray momentsBias(Shape shape, NDManager manager) {
        float[] bias = new float[Math.toIntExact(shape.size())];
        Arrays.fill(bias, bias.length / 2, bias.length, INITIAL_LOG_VARIANCE);
        return manager.create(bias, shape);
    }

    private static NDArray scaled(float[] values, double factor, NDManager manager, Shape shape) {
        for (int i = 0; i < values.length; i++) {
            values[i] *= (float) factor;
        }
        return manager.create(values, shape);
    }

    private static boolean endsResidualBranch(String key) {
        return key.matches("(.*\\.)?(resnets\\.\\d+\\.conv2|attentions\\.\\d+\\.proj_out"
                + "|transformer_blocks\\.\\d+\\.(attn[12]\\.to_out\\.0|ff\\.net\\.2))\\.(weight|bias)");
    }
}
