package io.latent4j.lora;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.Shape;
import io.latent4j.core.random.TorchRandom;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** The factors that a layer's adapter begins with: such that it changes nothing, and has a gradient. */
final class NewLayer {
    private static final double LOHA_OUTER = 0.1; // as LyCORIS has it
    private static final int SMALLEST_SHARE = 2; // ranks of which a matrix has more before LoKr splits it

    private final LayerNames.Layer layer;
    private final LoraDesign design;
    private final long out;
    private final long in;
    private final Shape kernel;
    private final int rank;
    private final Map<Role, Start> starts = new LinkedHashMap<>();

    /**
     * How an array begins.
     *
     * @param normal the deviation of normal numbers, 0 for none
     * @param uniform the bound of uniform ones, 0 for none
     */
    private record Start(Shape shape, double normal, double uniform) {}

    private NewLayer(LayerNames.Layer layer, LoraDesign design) {
        this.layer = layer;
        this.design = design;
        this.out = layer.weight().get(0);
        this.in = layer.weight().get(1);
        this.kernel = layer.weight().slice(2);
        this.rank = design.rank(layer.hasKernel());
        switch (design.algorithm()) {
            case LORA, LOCON -> lowRank();
            case LOHA -> hadamard();
            case LOKR -> kronecker();
        }
    }

    /** A layer's adapter; {@code manager} owns its arrays, which are float32. */
    static BoundLayer of(LayerNames.Layer layer, LoraDesign design, long seed, NDManager manager) {
        return new NewLayer(layer, design).bind(seed, manager);
    }

    private void lowRank() {
        if (design.algorithm() == LoraAlgorithm.LORA && layer.hasKernel()) {
            throw new IllegalArgumentException(layer.name() + " is a convolution of " + kernel
                    + ", a target of lora; expected locon as the algorithm");
        }
        Shape up = new Shape(out, rank);
        Shape down = new Shape(rank, in).addAll(kernel);
        uniform(Role.DOWN, down);
        zeros(Role.UP, kernel.dimension() == 0 ? up : up.add(1, 1));
    }

    private void hadamard() {
        long row = in * size(kernel);
        normal(Role.HADA_W1_A, new Shape(out, rank), LOHA_OUTER);
        normal(Role.HADA_W1_B, new Shape(rank, row), 1);
        zeros(Role.HADA_W2_A, new Shape(out, rank));
        normal(Role.HADA_W2_B, new Shape(rank, row), 1);
    }

    private void kronecker() {
        long a = smallFactor(out, design.split());
        long b = smallFactor(in, design.split());
        long c = out / a;
        long d = in / b;
        uniform(Role.LOKR_W1, new Shape(a, b));
        if ((long) SMALLEST_SHARE * rank < Math.max(c, d)) {
            uniform(Role.LOKR_W2_A, new Shape(c, rank));
            zeros(Role.LOKR_W2_B, new Shape(rank, d * size(kernel)));
        } else {
            zeros(Role.LOKR_W2, new Shape(c, d).addAll(kernel));
        }
    }

    /** The largest divisor that is not above the root, nor above {@code most}. */
    static long smallFactor(long n, OptionalInt most) {
        long root = (long) Math.sqrt((double) n);
        long factor = most.isPresent() ? Math.min(root, most.getAsInt()) : root;
        while (n % factor != 0) {
            factor--;
        }
        return factor;
    }

    private static long size(Shape kernel) {
        return kernel.dimension() == 0 ? 1 : kernel.size();
    }

    private void uniform(Role role, Shape shape) {
        double fanIn = (double) shape.size() / shape.get(0);
        starts.put(role, new Start(shape, 0, 1 / Math.sqrt(fanIn)));
    }

    private void normal(Role role, Shape shape, double deviation) {
        starts.put(role, new Start(shape, deviation, 0));
    }

    private void zeros(Role role, Shape shape) {
        starts.put(role, new Start(shape, 0, 0));
    }

    private BoundLayer bind(long seed, NDManager manager) {
        Map<Role, NDArray> arrays = new EnumMap<>(Role.class);
        starts.forEach((role, start) -> {
            String key = layer.name() + LoraKey.kohyaEnding(role);
            arrays.put(role, initial(start, new TorchRandom(31 * seed + key.hashCode()), manager));
        });
        if (design.dora()) {
            arrays.put(Role.DORA_SCALE, lengths(manager));
        }
        String name = LoraWriter.stored(layer, LoraNaming.KOHYA);
        Map<Role, StoredLayer.Tensor> tensors = new EnumMap<>(Role.class);
        arrays.forEach((role, array) ->
                tensors.put(role, new StoredLayer.Tensor(name + LoraKey.kohyaEnding(role), array.getShape())));
        StoredLayer stored = new StoredLayer(name, Optional.of(LoraNaming.KOHYA), tensors);
        Delta delta = Delta.of(stored);
        delta.check(layer.weight());
        double factor = delta.rank().isPresent() ? design.factor(layer.hasKernel()) : 1;
        return new BoundLayer(layer, delta, Lengths.of(stored, layer.weight()), new Factors(arrays), factor);
    }

    private static NDArray initial(Start start, TorchRandom random, NDManager manager) {
        int size = Math.toIntExact(start.shape.size());
        float[] values = new float[size];
        if (start.normal > 0) {
            values = random.normal(size);
            for (int i = 0; i < size; i++) {
                values[i] *= (float) start.normal;
            }
        } else if (start.uniform > 0) {
            values = random.uniform(size);
            for (int i = 0; i < size; i++) {
                values[i] = (float) (start.uniform * (2 * values[i] - 1));
            }
        }
        return manager.create(values, start.shape);
    }

    @SuppressWarnings("try")
    private NDArray lengths(NDManager manager) {
        float[] lengths;
        try (NDScope scope = new NDScope()) {
            NDArray rows = layer.projection().weight().numbers().reshape(out, -1);
            lengths = rows.square().sum(new int[] {1}).sqrt().toFloatArray();
        }
        Shape shape = new Shape(out, 1);
        return manager.create(lengths, kernel.dimension() == 0 ? shape : shape.add(1, 1));
    }
}
