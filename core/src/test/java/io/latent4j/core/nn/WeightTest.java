package io.latent4j.core.nn;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import io.latent4j.core.ops.Ops;
import io.latent4j.core.random.TorchRandom;
import io.latent4j.core.weights.Checkpoint;
import io.latent4j.core.weights.SafeTensors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Layers whose weights are stored in another type than they compute in. */
class WeightTest {
    private static final long LARGE_SIDE = 640; // of images that the CPU's convolutions cut in strips

    @TempDir
    private Path folder;

    private NDManager manager;
    private NDArray ids;

    /** A layer of every kind that has a weight. */
    private static final class Network extends NamedBlock {
        private final Embedding words = child("words", new Embedding(11, 6));
        private final Linear linear = child("linear", new Linear(6, 5));
        private final LayerNorm norm = child("norm", new LayerNorm(5, 1e-5));
        private final Conv2d conv = child("conv", Conv2d.same3x3(2, 3));

        NDArray forward(Pass pass, NDArray ids, NDArray more) {
            NDArray read = words.forward(pass, ids, more).add(words.first(pass, ids.size(), ids));
            return norm.forward(
                    pass, linear.forward(pass, words.forward(pass, ids.mul(0)).add(read)));
        }
    }

    @BeforeEach
    void open() {
        manager = NDManager.newBaseManager("PyTorch");
        ids = manager.create(new long[] {3, 10, 12, 0});
    }

    @AfterEach
    void close() {
        manager.close();
    }

    private Network load(Path file, Precision precision) throws IOException {
        Network network = new Network();
        try (Checkpoint weights = Checkpoint.open(file)) {
            network.load(weights, manager, precision, Optional::of);
        }
        return network;
    }

    private Path file(Map<String, NDArray> tensors) throws IOException {
        Path file = folder.resolve(tensors.hashCode() + ".safetensors");
        SafeTensors.write(file, tensors, Map.of());
        return file;
    }

    private Map<String, NDArray> random() {
        Map<String, NDArray> tensors = new HashMap<>();
        TorchRandom random = new TorchRandom(5);
        new Network().shapes().forEach((key, shape) -> tensors.put(key, random.normal(manager, shape)));
        return tensors;
    }

    /** What a network makes, as numbers. */
    private float[] outputs(Network network, DataType compute) {
        NDArray more = Ops.cast(new TorchRandom(9).normal(manager, new Shape(2, 6)), compute);
        NDArray texts = Ops.cast(network.forward(Pass.inference(), ids, more), DataType.FLOAT32);
        NDArray image = Ops.cast(new TorchRandom(2).normal(manager, new Shape(1, 2, 8, 8)), compute);
        NDArray images = Ops.cast(
                network.conv
                        .forwardUpsampled(Pass.inference(), image)
                        .flatten()
                        .concat(network.conv.forward(Pass.inference(), image).flatten()),
                DataType.FLOAT32);
        return texts.flatten().concat(images).toFloatArray();
    }

    @ParameterizedTest
    @CsvSource({"float16/float32", "bfloat16/float32", "float32/bfloat16", "float32/float16"})
    void computesAsWithWeightsThatWereRoundedBefore(String name) throws IOException {
        Precision precision = Precision.parse(name);
        Map<String, NDArray> tensors = random();
        Map<String, NDArray> rounded = new HashMap<>(tensors);
        for (String key : List.of("words.weight", "linear.weight", "conv.weight")) {
            NDArray narrow = Ops.cast(tensors.get(key), precision.weights().dataType());
            rounded.put(key, Ops.cast(narrow, DataType.FLOAT32));
        }

        float[] converted = outputs(load(file(tensors), precision), precision.compute());
        float[] expected = outputs(load(file(rounded), Precision.of(precision.compute())), precision.compute());

        assertThat(converted).isEqualTo(expected).doesNotContain(Float.NaN);
    }

    @Test
    void storesWeightsNarrowAndTheRestAsComputed() throws IOException {
        Network network = load(file(random()), new Precision(WeightType.FLOAT16, DataType.FLOAT32));

        network.getParameters()
                .forEach(entry -> assertThat(entry.getValue().getArray().getDataType())
                        .as(entry.getKey())
                        .isEqualTo(
                                entry.getKey().matches("(words|linear|conv)\\.weight")
                                        ? DataType.FLOAT16
                                        : DataType.FLOAT32));
        assertThat(network.arrays()).hasSameSizeAs(network.getParameters().values());
    }

    @Test
    @SuppressWarnings("try")
    void freesWhatItConvertsWhenTheLayerIsDone() throws IOException {
        Network network = load(file(random()), new Precision(WeightType.FLOAT16, DataType.FLOAT32));
        NDArray x = manager.ones(new Shape(4, 6));
        AtomicReference<NDArray> made = new AtomicReference<>();

        try (NDScope scope = new NDScope()) {
            network.linear.forward(Pass.inference(), x); // compiles the operator
            int before = manager.getManagedArrays().size();
            network.linear.weight().use(Pass.inference(), x, dense -> {
                made.set(dense);
                assertThat(manager.getManagedArrays()).hasSize(before + 1);
                return x;
            });
            assertThat(made.get().isReleased()).isTrue();
            assertThat(manager.getManagedArrays()).hasSize(before);
        }
        assertThat(network.linear.weight().stored()).noneMatch(NDArray::isReleased);
    }

    @Test
    void usesWeightsAsTheyAreWhereTheyAreStoredAsComputed() throws IOException {
        Network network = load(file(random()), Precision.FLOAT32);
        NDArray stored = network.linear.weight().stored().get(0);
        int before = manager.getManagedArrays().size();

        network.linear.weight().use(Pass.inference(), ids, dense -> {
            assertThat(dense).isSameAs(stored);
            return ids;
        });

        assertThat(stored.isReleased()).isFalse();
        assertThat(manager.getManagedArrays()).hasSize(before);
    }

    @Test
    void convertsForStripsOfLargeImagesToo() throws IOException {
        Map<String, NDArray> tensors = random();
        NDArray image = new TorchRandom(2).normal(manager, new Shape(1, 2, LARGE_SIDE, LARGE_SIDE));
        Network narrow = load(file(tensors), new Precision(WeightType.FLOAT16, DataType.FLOAT32));
        tensors.replaceAll((key, array) -> key.endsWith("weight") && !key.startsWith("norm")
                ? Ops.cast(Ops.cast(array, DataType.FLOAT16), DataType.FLOAT32)
                : array);
        Network wide = load(file(tensors), Precision.FLOAT32);
        GroupNorm norm = new GroupNorm(1, 2, 1e-5);
        norm.load("ones", norm.shapes(), key -> manager.ones(norm.shapes().get(key)));

        assertThat(narrow.conv
                        .forwardUpsampled(Pass.inference(), image)
                        .contentEquals(wide.conv.forwardUpsampled(Pass.inference(), image)))
                .isTrue();
        assertThat(narrow.conv
                        .forwardNormalized(Pass.inference(), norm, image)
                        .contentEquals(wide.conv.forwardNormalized(Pass.inference(), norm, image)))
                .isTrue();
    }

    /** As mixed precision in training has it: the pass's type goes before the layer's. */
    @Test
    void convertsToThePrecisionOfAPass() throws IOException {
        Network network = load(file(random()), new Precision(WeightType.FLOAT16, DataType.FLOAT32));
        Pass pass = Pass.inference().in(DataType.BFLOAT16);
        NDArray x = manager.ones(new Shape(4, 6));

        NDArray y = pass.leave(network.linear.forward(pass, pass.enter(x)));

        NDArray expected = load(file(random()), Precision.FLOAT32).linear.forward(Pass.inference(), x);
        assertThat(y.sub(expected).abs().max().getFloat()).isBetween(1e-6f, 0.05f);
    }

    @Test
    void passesGradientsOnAndGetsNone() throws IOException {
        Network network = load(file(random()), new Precision(WeightType.BFLOAT16, DataType.FLOAT32));
        NDArray x = new TorchRandom(1).normal(manager, new Shape(1, 2, 8, 8));
        x.setRequiresGradient(true);
        try (GradientCollector collector = Engine.getEngine("PyTorch").newGradientCollector()) {
            NDArray y = network.conv.forward(Pass.inference(), x);
            collector.backward(y.mul(y).sum());
        }

        NDArray kernel = network.conv.weight().numbers();
        Conv2d same = Conv2d.same3x3(2, 3);
        same.load(
                "the same",
                same.shapes(),
                key -> key.equals("weight")
                        ? kernel.duplicate()
                        : network.getParameters().get("conv.bias").getArray().duplicate());
        NDArray copy = x.stopGradient().duplicate();
        copy.setRequiresGradient(true);
        try (GradientCollector collector = Engine.getEngine("PyTorch").newGradientCollector()) {
            NDArray y = same.forward(Pass.inference(), copy);
            collector.backward(y.mul(y).sum());
        }
        assertThat(x.getGradient().contentEquals(copy.getGradient())).isTrue();
        assertThat(network.conv.weight().stored()).noneMatch(NDArray::hasGradient);
    }

    @Test
    void replacesNumbersInTheStoredType() throws IOException {
        Network network = load(file(random()), new Precision(WeightType.FLOAT16, DataType.FLOAT32));
        Weight weight = network.linear.weight();
        NDArray stored = weight.stored().get(0);

        weight.replace(manager.full(new Shape(5, 6), 1 + 1f / 4096));

        assertThat(weight.stored()).containsExactly(stored);
        assertThat(stored.getDataType()).isEqualTo(DataType.FLOAT16);
        assertThat(weight.numbers().toFloatArray()).containsOnly(1);
        assertThat(weight.computed(stored).getDataType()).isEqualTo(DataType.FLOAT32);
    }

    @Test
    void isLoadedAgainInAnotherPrecision() throws IOException {
        Path file = file(random());
        Network network = load(file, new Precision(WeightType.FLOAT16, DataType.FLOAT32));
        network.unload();
        try (Checkpoint weights = Checkpoint.open(file)) {
            network.load(weights, manager, Precision.FLOAT32, Optional::of);
        }

        NDList own = new NDList(network.arrays());
        assertThat(own).allMatch(array -> array.getDataType() == DataType.FLOAT32);
        assertThat(outputs(network, DataType.FLOAT32))
                .isEqualTo(outputs(load(file, Precision.FLOAT32), DataType.FLOAT32));
    }

    @Test
    void aWideKernelKeepsItsNumbers() throws IOException {
        Conv2d conv = Conv2d.same3x3(640, 512);
        TorchRandom random = new TorchRandom(3);
        Map<String, NDArray> tensors = new HashMap<>();
        conv.shapes().forEach((key, shape) -> tensors.put(key, random.normal(manager, shape)));
        try (Checkpoint weights = Checkpoint.open(file(tensors))) {
            conv.load(weights, manager, Precision.FLOAT32, Optional::of);
        }

        float[] numbers = tensors.get("weight").toFloatArray();
        assertThat(conv.weight().numbers().toFloatArray()).isEqualTo(numbers);
        Path again = file(Map.of(
                "weight",
                conv.weight().stored().get(0),
                "rows",
                conv.weight().numbers().get("7:9")));
        try (Checkpoint weights = Checkpoint.open(again)) {
            assertThat(weights.read("weight", manager, DataType.FLOAT32).toFloatArray())
                    .isEqualTo(numbers);
            assertThat(weights.read("rows", manager, DataType.FLOAT32).toFloatArray())
                    .isEqualTo(Arrays.copyOfRange(numbers, 7 * 640 * 9, 9 * 640 * 9));
        }
        NDArray twice = tensors.get("weight").mul(2);
        conv.weight().replace(twice);
        assertThat(conv.weight().numbers().toFloatArray()).isEqualTo(twice.toFloatArray());
    }
}
