package io.latent4j.lora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.Shape;
import io.latent4j.core.nn.Adapter;
import io.latent4j.core.nn.Pass;
import io.latent4j.core.random.TorchRandom;
import io.latent4j.core.weights.PickleBytes;
import io.latent4j.core.weights.TorchArchiveFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LoraTest {
    @TempDir
    private Path folder;

    private NDManager manager;
    private TestModel model;

    @BeforeEach
    void open() {
        manager = NDManager.newBaseManager();
        model = TestModel.random(manager);
    }

    @AfterEach
    void close() {
        manager.close();
    }

    private Lora load(String name, Map<String, NDArray> tensors) throws IOException {
        return Lora.load(TestModel.write(folder.resolve(name + ".safetensors"), tensors), model.adaptable(), manager);
    }

    private Pass pass(NDManager owner, LoraUse... uses) {
        return Pass.inference().withAdapters(LoraUse.adapters(List.of(uses), LoraPart.UNET, owner));
    }

    @SuppressWarnings("try")
    private float[] output(LoraUse... uses) {
        try (NDManager owner = manager.newSubManager();
                NDScope scope = new NDScope()) {
            NDArray x = new TorchRandom(5).normal(owner, new Shape(3, 4));
            return model.forward(pass(owner, uses), x).toFloatArray();
        }
    }

    @Test
    void leavesTheModelAsItWas() throws IOException {
        float[] before = output();
        float[] weight = model.weight(TestModel.Q);
        try (Lora lora = load("a", TestModel.lowRank(manager, 1))) {
            assertThat(output(lora.at(0.7))).isNotEqualTo(before);
            assertThat(output()).containsExactly(before);
        }
        assertThat(output()).containsExactly(before);
        assertThat(model.weight(TestModel.Q)).containsExactly(weight);
    }

    @Test
    void atStrengthZeroIsNotThereAtAll() throws IOException {
        try (Lora lora = load("a", TestModel.lowRank(manager, 1))) {
            assertThat(LoraUse.adapters(List.of(lora.at(0)), LoraPart.UNET, manager))
                    .isEmpty();
            assertThat(LoraUse.adapters(List.of(lora.at(0, 1)), LoraPart.UNET, manager))
                    .isEmpty();
            assertThat(LoraUse.adapters(List.of(lora.at(1)), LoraPart.TEXT_ENCODER, manager))
                    .isEmpty();
        }
    }

    @Test
    void withUpOfZerosChangesNothing() throws IOException {
        Map<String, NDArray> tensors = new TreeMap<>(TestModel.lowRank(manager, 1));
        tensors.put(TestModel.KOHYA_Q + ".lora_up.weight", manager.zeros(new Shape(6, 2)));
        try (Lora lora = load("zero", tensors)) {
            assertThat(output(lora.at(1))).containsExactly(output());
        }
    }

    @Test
    void addUpInOrder() throws IOException {
        try (Lora a = load("a", TestModel.lowRank(manager, 1));
                Lora b = load("b", TestModel.lowRank(manager, 2))) {
            float[] base = output();
            float[] onlyA = output(a.at(0.5));
            float[] onlyB = output(b.at(-2));
            float[] both = output(a.at(0.5), b.at(-2));
            for (int i = 0; i < base.length; i++) {
                assertThat(both[i]).isCloseTo(onlyA[i] + onlyB[i] - base[i], within(1e-4f));
            }
        }
    }

    @Test
    void aConvolutionInTwoStepsIsTheOneWithTheProduct() throws IOException {
        Map<String, NDArray> tensors = TestModel.random(
                manager,
                4,
                Map.of(
                        TestModel.KOHYA_CONV + ".lora_down.weight", new Shape(2, 4, 3, 3),
                        TestModel.KOHYA_CONV + ".lora_up.weight", new Shape(6, 2, 1, 1)));
        NDArray x = new TorchRandom(6).normal(manager, new Shape(2, 4, 5, 7));
        try (Lora lora = load("conv", tensors)) {
            float[] applied = model.convolve(pass(manager, lora.at(0.5)), x).toFloatArray();
            BoundLayer layer = lora.layers(LoraPart.UNET).get(0);
            NDArray product = layer.projection().product(x, layer.change(0.5));
            float[] expected = model.convolve(Pass.inference(), x).add(product).toFloatArray();
            assertThat(applied).hasSameSizeAs(expected);
            for (int i = 0; i < applied.length; i++) {
                assertThat(applied[i]).isCloseTo(expected[i], within(1e-4f));
            }
        }
    }

    @Test
    void doraGivesRowsTheirLengths() throws IOException {
        Map<String, NDArray> tensors = new TreeMap<>(TestModel.lowRank(manager, 1));
        tensors.put(
                TestModel.KOHYA_Q + ".dora_scale",
                manager.create(new float[] {1, 2, 3, 4, 5, 6}).reshape(6, 1));
        try (Lora lora = load("dora", tensors)) {
            BoundLayer layer = lora.layers(LoraPart.UNET).get(0);
            for (double strength : new double[] {1, 0.4}) {
                NDArray weight = layer.projection().weight().numbers().add(layer.change(strength));
                float[] lengths = weight.square().sum(new int[] {1}).sqrt().toFloatArray();
                for (int i = 0; i < 6; i++) {
                    assertThat(lengths[i]).isCloseTo(i + 1, within(1e-4f));
                }
            }
        }
    }

    @Test
    void threadsWithDifferentAdaptersDoNotMeet() throws Exception {
        try (Lora a = load("a", TestModel.lowRank(manager, 1));
                Lora b = load("b", TestModel.lowRank(manager, 2))) {
            float[] alone = output(a.at(1));
            float[] other = output(b.at(0.3));
            ExecutorService threads = Executors.newFixedThreadPool(2);
            try {
                List<Future<float[]>> runs = new ArrayList<>();
                for (int i = 0; i < 20; i++) {
                    runs.add(threads.submit(() -> output(a.at(1))));
                    runs.add(threads.submit(() -> output(b.at(0.3))));
                }
                for (int i = 0; i < runs.size(); i++) {
                    assertThat(runs.get(i).get()).containsExactly(i % 2 == 0 ? alone : other);
                }
            } finally {
                threads.shutdownNow();
            }
        }
    }

    @Test
    void leavesNoArraysBehind() throws IOException {
        Map<String, NDArray> tensors = new TreeMap<>(TestModel.lowRank(manager, 1));
        tensors.put(TestModel.KOHYA_Q + ".dora_scale", manager.ones(new Shape(6, 1)));
        Path file = TestModel.write(folder.resolve("a.safetensors"), tensors);
        Path plain = TestModel.write(folder.resolve("b.safetensors"), TestModel.lowRank(manager, 2));
        int before = manager.getManagedArrays().size();
        for (int i = 0; i < 3; i++) {
            try (Lora lora = Lora.load(file, model.adaptable(), manager);
                    Lora other = Lora.load(plain, model.adaptable(), manager)) {
                int loaded = manager.getManagedArrays().size();
                NDManager own =
                        lora.layers(LoraPart.UNET).get(0).factors().get(Role.UP).getManager();
                try (NDManager owner = manager.newSubManager()) {
                    LoraUse.adapters(List.of(lora.at(0.5), other.at(1)), LoraPart.UNET, owner);
                }
                assertThat(manager.getManagedArrays()).hasSize(loaded);
                output(lora.at(0.5), other.at(1));
                assertThat(manager.getManagedArrays()).hasSize(loaded);
                assertThat(own.getManagedArrays()).as("the factors").hasSize(3);
            }
        }
        assertThat(manager.getManagedArrays()).hasSize(before);
    }

    @Test
    void passesOverAndReportsWhatTheModelHasNot() throws IOException {
        Map<String, NDArray> tensors = new TreeMap<>(TestModel.lowRank(manager, 1));
        tensors.put("lora_unet_nowhere.lora_down.weight", manager.ones(new Shape(2, 4)));
        tensors.put("lora_unet_nowhere.lora_up.weight", manager.ones(new Shape(4, 2)));
        try (Lora lora = load("a", tensors)) {
            assertThat(lora.report().unmatched()).containsExactly("lora_unet_nowhere");
            assertThat(lora.report().matched()).isEqualTo(1);
            assertThat(lora.isFor(model)).isTrue();
            assertThat(lora.isFor(new TestModel())).isFalse();
        }
    }

    /** Archives are read as data; what an adapter says in one is what it says in safetensors. */
    @Test
    void anArchiveIsTheSameAdapter() throws IOException {
        Map<String, NDArray> tensors = TestModel.lowRank(manager, 1);
        PickleBytes pickle = new PickleBytes().dict();
        TorchArchiveFile archive = new TorchArchiveFile();
        tensors.forEach((key, tensor) -> {
            long[] shape = tensor.getShape().getShape();
            pickle.text(key).tensor(key, tensor.size(), 0, shape, shape[1], 1);
            archive.storage(key, tensor.toFloatArray());
        });
        Path file = archive.pickle(pickle.end()).write(folder.resolve("ink.bin"));
        try (Lora stored = load("ink", tensors);
                Lora read = Lora.load(file, model.adaptable(), manager)) {
            assertThat(read.report().layers()).isEqualTo(stored.report().layers());
            assertThat(output(read.at(0.5))).containsExactly(output(stored.at(0.5)));
            assertThat(read.name()).isEqualTo("ink");
        }
        Path hostile = new TorchArchiveFile()
                .pickle(new PickleBytes()
                        .dict()
                        .text(TestModel.KOHYA_Q + ".lora_down.weight")
                        .call("os", "system")
                        .end())
                .write(folder.resolve("hostile.pt"));
        assertThatThrownBy(() -> Lora.load(hostile, model.adaptable(), manager))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("os.system");
    }

    @Test
    @SuppressWarnings("try")
    void loadsWithinAScopeThatIsOpen() throws IOException {
        Lora lora;
        try (NDScope scope = new NDScope()) {
            lora = load("a", TestModel.lowRank(manager, 1));
        }
        try (lora;
                Lora other = load("b", TestModel.lowRank(manager, 1))) {
            assertThat(output(lora.at(0.7))).containsExactly(output(other.at(0.7)));
        }
    }

    @Test
    void isOfNoUseOnceItOrItsModelIsClosed() throws IOException {
        Lora lora = load("ink", TestModel.lowRank(manager, 1));
        lora.close();
        lora.close();
        assertThatIllegalStateException()
                .isThrownBy(() -> output(lora.at(1)))
                .withMessageStartingWith("the adapter ink is closed; expected it open");
        assertThatIllegalStateException().isThrownBy(() -> LoraFuser.fuse(List.of(lora.at(1))));
        assertThatIllegalStateException().isThrownBy(() -> EditedLora.of(lora, manager));
        assertThatIllegalStateException().isThrownBy(lora::textVersion);
        try (NDManager parent = manager.newSubManager()) {
            Lora orphan = Lora.load(folder.resolve("ink.safetensors"), model.adaptable(), parent);
            parent.close();
            assertThatIllegalStateException()
                    .isThrownBy(() -> output(orphan.at(1)))
                    .withMessageStartingWith("the model of the adapter ink is closed");
            orphan.close();
        }
    }

    /** A use either gives what it always gives or is refused, whenever the adapter is closed. */
    @Test
    void isClosedAtAnyMomentOfItsUse() throws Exception {
        Map<String, NDArray> tensors = new TreeMap<>(TestModel.lowRank(manager, 1));
        tensors.put(TestModel.KOHYA_Q + ".dora_scale", manager.ones(new Shape(6, 1)));
        float[] expected;
        try (Lora lora = load("dora", tensors)) {
            expected = output(lora.at(1));
        }
        ExecutorService threads = Executors.newFixedThreadPool(3);
        try {
            for (int round = 0; round < 200; round++) {
                Lora lora = Lora.load(folder.resolve("dora.safetensors"), model.adaptable(), manager);
                List<Future<Integer>> users = new ArrayList<>();
                for (int i = 0; i < 3; i++) {
                    users.add(threads.submit(() -> usedUntilClosed(lora, expected)));
                }
                for (int wait = 0; wait < round % 20; wait++) {
                    lora.textVersion();
                }
                lora.close();
                for (Future<Integer> user : users) {
                    assertThat(user.get()).isNotNegative();
                }
            }
        } finally {
            threads.shutdownNow();
        }
    }

    private int usedUntilClosed(Lora lora, float[] expected) {
        for (int times = 0; ; times++) {
            float[] found;
            try {
                found = output(lora.at(1));
            } catch (IllegalStateException e) {
                assertThat(e).hasMessageStartingWith("the adapter dora is closed");
                return times;
            }
            assertThat(found).containsExactly(expected);
        }
    }

    /** A file may have any rank, however narrow the layer: what it is applied by does not grow with it. */
    @Test
    void aRankAboveTheLayersIsAppliedAsTheProduct() throws IOException {
        Map<String, NDArray> tensors = TestModel.random(
                manager,
                1,
                Map.of(
                        TestModel.KOHYA_Q + ".lora_down.weight", new Shape(8000, 4),
                        TestModel.KOHYA_Q + ".lora_up.weight", new Shape(6, 8000)));
        try (Lora lora = load("wide", tensors);
                NDManager owner = manager.newSubManager()) {
            NDArray x = new TorchRandom(5).normal(manager, new Shape(3, 4));
            LoraUse use = lora.at(0.01);
            float[] applied = model.forward(pass(owner, use), x).toFloatArray();
            assertThat(owner.getManagedArrays().stream()
                            .mapToLong(NDArray::size)
                            .max())
                    .hasValue(24);
            try (LoraFuser fused = LoraFuser.fuse(List.of(use))) {
                float[] expected = model.forward(Pass.inference(), x).toFloatArray();
                for (int i = 0; i < applied.length; i++) {
                    assertThat(applied[i]).isCloseTo(expected[i], within(1e-3f));
                }
                fused.close();
            }
        }
    }

    @Test
    void refusesAFileOfAnotherKindOfModel() throws IOException {
        String layer = "lora_unet_double_blocks_0_img_attn_proj";
        Path file = TestModel.write(
                folder.resolve("other.safetensors"),
                Map.of(
                        layer + ".lora_down.weight", manager.ones(new Shape(2, 4)),
                        layer + ".lora_up.weight", manager.ones(new Shape(6, 2))));
        String message =
                file + ": the model has none of its layers, " + layer + "; expected layers such as " + TestModel.Q;
        String cure = "; use it with the model it was made for";
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Lora.load(file, model.adaptable(), manager))
                .withMessage(message + cure);
        AdaptableModel beside = new AdaptableModel(
                TestModel.NAMES,
                Map.of(LoraPart.UNET, model),
                layers -> layers.equals(Map.of(layer, 4L)) ? Optional.of("Others") : Optional.empty());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Lora.load(file, beside, manager))
                .withMessage(message + "; it was made for Others" + cure);
    }

    @Test
    void refusesShapesThatDoNotFit() {
        Map<String, NDArray> tensors = new TreeMap<>(TestModel.lowRank(manager, 1));
        tensors.put(TestModel.KOHYA_Q + ".lora_down.weight", manager.ones(new Shape(2, 5)));
        int before = manager.getManagedArrays().size();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> load("a", tensors))
                .withMessageContaining(TestModel.KOHYA_Q + ".lora_down.weight is (2, 5); expected (2, 4)");
        assertThat(manager.getManagedArrays()).hasSize(before);
    }

    @Test
    void refusesTheSameLayerTwice() {
        Map<String, NDArray> tensors = new TreeMap<>(TestModel.lowRank(manager, 1));
        tensors.put("unet." + TestModel.Q + ".lora_A.weight", manager.ones(new Shape(2, 4)));
        tensors.put("unet." + TestModel.Q + ".lora_B.weight", manager.ones(new Shape(6, 2)));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> load("a", tensors))
                .withMessageContaining("is a second adapter of " + TestModel.Q);
    }

    @Test
    void refusesNumbersThatAreNotFinite() {
        for (float bad : new float[] {Float.NaN, Float.NEGATIVE_INFINITY}) {
            Map<String, NDArray> tensors = new TreeMap<>(TestModel.lowRank(manager, 1));
            tensors.put(
                    TestModel.KOHYA_Q + ".lora_up.weight",
                    manager.ones(new Shape(6, 2)).mul(bad));
            assertThatThrownBy(() -> load("a", tensors))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining(TestModel.KOHYA_Q + ".lora_up.weight holds numbers that are infinite");
        }
    }

    @Test
    void adaptersKnowTheirLayersByIdentity() throws IOException {
        try (Lora lora = load("a", TestModel.lowRank(manager, 1))) {
            Adapter adapter = LoraUse.adapters(List.of(lora.at(1)), LoraPart.UNET, manager)
                    .get(0);
            NDArray x = manager.ones(new Shape(1, 4));
            TestModel twin = TestModel.random(manager);
            assertThat(twin.forward(Pass.inference().withAdapters(List.of(adapter)), x))
                    .isEqualTo(twin.forward(Pass.inference(), x));
        }
    }
}
