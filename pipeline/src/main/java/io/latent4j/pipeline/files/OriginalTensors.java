package io.latent4j.pipeline.files;

import ai.djl.ndarray.types.Shape;
import io.latent4j.core.config.Config;
import io.latent4j.pipeline.files.Origin.Form;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The tensors that a part has in the original layout, and of which weights here each is made. */
final class OriginalTensors {

    /**
     * One tensor of the original layout.
     *
     * @param weights keys here: one, or those of queries, keys and values, in this order; none for a tensor of zeros
     */
    record Tensor(Shape shape, List<String> weights, Form form) {}

    private OriginalTensors() {}

    /** The tensors by their keys. */
    static Map<String, Tensor> of(String part, Config config, Family family) {
        SingleFile.Part names = SingleFile.part(part, config, family.textPrefix(part));
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        names.shapes().forEach((key, shape) -> {
            Origin origin = names.names().origin(key);
            tensors.merge(origin.key(), tensor(key, shape, origin.form()), OriginalTensors::joined);
        });
        if (part.equals("text_encoder") && family == Family.STABLE_DIFFUSION_2) {
            addUnusedLayer(tensors);
        }
        return tensors;
    }

    private static Tensor tensor(String key, Shape shape, Form form) {
        Shape original = switch (form) {
            case POINTWISE -> new Shape(shape.get(0), shape.get(1), 1, 1);
            case TRANSPOSED -> new Shape(shape.get(1), shape.get(0));
            default -> shape;
        };
        return new Tensor(original, List.of(key), form);
    }

    /** Queries come before keys, keys before values. */
    private static Tensor joined(Tensor first, Tensor second) {
        List<String> weights = new ArrayList<>(first.weights());
        int at = 0;
        while (at < weights.size()
                && rank(weights.get(at)) < rank(second.weights().get(0))) {
            at++;
        }
        weights.addAll(at, second.weights());
        long[] sizes = first.shape().getShape().clone();
        sizes[0] += second.shape().get(0);
        return new Tensor(new Shape(sizes), List.copyOf(weights), Form.SAME);
    }

    private static int rank(String key) {
        return key.contains(".q_proj.") ? 0 : key.contains(".k_proj.") ? 1 : 2;
    }

    /**
     * Stable Diffusion 2 takes the states before the last layer, which is not among the weights here and must be in the
     * original layout. A layer of zeros passes on what it is given.
     */
    private static void addUnusedLayer(Map<String, Tensor> tensors) {
        String blocks = OpenClipNames.STABLE_DIFFUSION_2 + "transformer.resblocks.";
        long layers = tensors.keySet().stream()
                .filter(key -> key.startsWith(blocks) && key.endsWith("ln_1.weight"))
                .count();
        Map<String, Tensor> unused = new LinkedHashMap<>();
        tensors.forEach((key, tensor) -> {
            if (key.startsWith(blocks + "0.")) {
                String last = blocks + layers + key.substring((blocks + "0").length());
                unused.put(last, new Tensor(tensor.shape(), List.of(), Form.SAME));
            }
        });
        tensors.putAll(unused);
    }
}
