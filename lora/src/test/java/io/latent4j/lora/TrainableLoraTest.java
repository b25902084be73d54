package io.latent4j.lora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import io.latent4j.core.nn.Linear;
import io.latent4j.core.nn.NamedBlock;
import io.latent4j.core.nn.Pass;
import io.latent4j.core.ops.ParameterOps;
import io.latent4j.core.random.TorchRandom;
import io.latent4j.core.weights.SafeTensors;
import io.latent4j.core.weights.StoredType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TrainableLoraTest {
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

    private static LoraDesign design(LoraAlgorithm algorithm, boolean dora, String... targets) {
        return new LoraDesign(algorithm, 2, 3, true, dora, Map.of(LoraPart.UNET, List.of(targets)));
    }

    private TrainableLora create(LoraDesign design) {
        return TrainableLora.create("new", design, model.adaptable(), 1, manager);
    }

    /** What the linear layers and the convolution make of fixed inputs. */
    @SuppressWarnings("try")
    private float[][] outputs(Pass pass) {
        try (NDScope scope = new NDScope()) {
            NDArray x = new TorchRandom(5).normal(manager, new Shape(3, 4));
            NDArray image = new TorchRandom(6).normal(manager, new Shape(1, 4, 5, 7));
            return new float[][] {
                model.forward(pass, x).toFloatArray(),
                model.convolve(pass, image).toFloatArray()
            };
        }
    }

    private Pass recorded(TrainableLora lora) {
        return Pass.inference().withAdapters(List.of(lora.recorded(0, () -> 0)));
    }

    private Pass applied(Lora lora) {
        return Pass.inference().withAdapters(LoraUse.adapters(List.of(lora.at(1)), LoraPart.UNET, manager));
    }

    private void randomize(TrainableLora lora) {
        TorchRandom random = new TorchRandom(9);
        lora.arrays()
                .forEach((name, array) ->
                        ParameterOps.copy(List.of(array), List.of(random.normal(manager, array.getShape()))));
    }

    private static void assertClose(float[][] found, float[][] expected, float tolerance) {
        for (int i = 0; i < expected.length; i++) {
            assertThat(found[i]).hasSameSizeAs(expected[i]);
            for (int j = 0; j < expected[i].length; j++) {
                assertThat(found[i][j]).isCloseTo(expected[i][j], within(tolerance));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"LOCON, false", "LOCON, true", "LOHA, false", "LOHA, true", "LOKR, false", "LOKR, true"})
    void beginsByChangingNothingAndItsFileDoesWhatItDoes(LoraAlgorithm algorithm, boolean dora) throws IOException {
        Path file = folder.resolve("a.safetensors");
        try (TrainableLora lora = create(design(algorithm, dora, "*"))) {
            assertClose(outputs(recorded(lora)), outputs(Pass.inference()), 1e-5f);
            randomize(lora);
            float[][] trained = outputs(recorded(lora));
            assertThat(trained[0]).isNotEqualTo(outputs(Pass.inference())[0]);
            assertThat(trained[1]).isNotEqualTo(outputs(Pass.inference())[1]);
            assertClose(outputs(applied(lora.lora())), trained, 1e-5f);
            lora.write(file, LoraNaming.KOHYA, Map.of("note", "a test"), StoredType.F32);
            try (Lora loaded = Lora.load(file, model.adaptable(), manager)) {
                assertThat(outputs(applied(loaded))).isDeepEqualTo(outputs(applied(lora.lora())));
                assertThat(loaded.report().metadata()).containsEntry("ss_network_dim", "2");
                assertThat(loaded.report().unmatched()).isEmpty();
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"KOHYA, true", "PEFT, true", "PEFT, false", "DIFFUSERS, false"})
    void isTheSameInEveryNaming(LoraNaming naming, boolean dora) throws IOException {
        Path file = folder.resolve("a.safetensors");
        try (TrainableLora lora = create(design(LoraAlgorithm.LOCON, dora, "*"))) {
            randomize(lora);
            lora.write(file, naming, Map.of(), StoredType.F32);
            try (Lora loaded = Lora.load(file, model.adaptable(), manager)) {
                assertClose(outputs(applied(loaded)), outputs(applied(lora.lora())), 1e-5f);
                assertThat(loaded.report().namings()).containsExactly(naming);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "KOHYA, LOCON, false",
        "PEFT, LOCON, false",
        "PEFT, LOCON, true",
        "KOHYA, LOCON, true",
        "DIFFUSERS, LOCON, false",
        "KOHYA, LOHA, true",
        "KOHYA, LOKR, false"
    })
    void goesOnFromAFile(LoraNaming naming, LoraAlgorithm algorithm, boolean dora) throws IOException {
        Path file = folder.resolve("a.safetensors");
        LoraDesign.Kernels kernels = new LoraDesign.Kernels(3, 1.5);
        LoraDesign design = new LoraDesign(
                algorithm, 2, 3, kernels, OptionalInt.of(1), true, dora, Map.of(LoraPart.UNET, List.of("*")));
        try (TrainableLora lora = create(design);
                TrainableLora next = create(design)) {
            randomize(lora);
            lora.write(file, naming, Map.of(), StoredType.F32);
            next.goOnFrom(file, model.adaptable(), manager);
            assertThat(next.arrays().keySet()).isEqualTo(lora.arrays().keySet());
            lora.arrays().forEach((name, array) -> {
                float[] found = next.arrays().get(name).toFloatArray();
                float[] expected = array.toFloatArray();
                for (int i = 0; i < expected.length; i++) {
                    assertThat(found[i]).as(name).isCloseTo(expected[i], within(1e-5f));
                }
            });
        }
    }

    @Test
    void refusesToGoOnFromAnotherKindOfAdapter() throws IOException {
        Path file = folder.resolve("a.safetensors");
        try (TrainableLora lora = create(design(LoraAlgorithm.LOCON, false, "*.to_q", "*.conv1"))) {
            lora.write(file, LoraNaming.KOHYA, Map.of(), StoredType.F32);
        }
        LoraDesign.Kernels kernels = new LoraDesign.Kernels(5, 3);
        Map<LoraPart, List<String>> targets = Map.of(LoraPart.UNET, List.of("*.to_q", "*.conv1"));
        refusesToGoOn(
                file,
                new LoraDesign(LoraAlgorithm.LOCON, 2, 3, kernels, OptionalInt.empty(), true, false, targets),
                TestModel.CONV + " has rank 2, in the run 5");
        refusesToGoOn(
                file, new LoraDesign(LoraAlgorithm.LOCON, 2, 4, true, false, targets), "is multiplied by 2.12132");
        refusesToGoOn(
                file,
                design(LoraAlgorithm.LOCON, false, "*.to_q"),
                TestModel.CONV + " is no target of the run; expected the algorithm, rank, alpha, factor and targets");
        refusesToGoOn(file, design(LoraAlgorithm.LOCON, false, "*"), TestModel.OUT + " is not in it");
        refusesToGoOn(file, design(LoraAlgorithm.LOHA, false, "*.to_q", "*.conv1"), "is LoRA, in the run LoHa");
    }

    /** A layer whose weight is square, so that lengths of its rows are as many as those of its columns. */
    private static final class Square extends NamedBlock {
        Square() {
            child(TestModel.Q, new Linear(4, 4, false));
        }

        @Override
        protected NDList forwardInternal(
                ParameterStore parameters, NDList inputs, boolean training, PairList<String, Object> params) {
            return inputs;
        }
    }

    @Test
    void refusesToGoOnFromLengthsOfColumns() throws IOException {
        Square square = new Square();
        square.load("ones", square.shapes(), key -> manager.ones(square.shapes().get(key)));
        AdaptableModel parts = new AdaptableModel(TestModel.NAMES, Map.of(LoraPart.UNET, square));
        Path file = folder.resolve("a.safetensors");
        Path older = folder.resolve("older.safetensors");
        try (TrainableLora lora =
                TrainableLora.create("new", design(LoraAlgorithm.LORA, true, "*"), parts, 1, manager)) {
            lora.write(file, LoraNaming.KOHYA, Map.of(), StoredType.F32);
            lora.goOnFrom(file, parts, manager);
            try (SafeTensors stored = SafeTensors.open(file)) {
                Map<String, NDArray> arrays = new TreeMap<>();
                for (String key : stored.tensors().keySet()) {
                    NDArray array = stored.read(key, manager);
                    arrays.put(key, key.endsWith(".dora_scale") ? array.reshape(1, 4) : array);
                }
                SafeTensors.write(older, arrays, Map.of());
            }
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> lora.goOnFrom(older, parts, manager))
                    .withMessageContaining(
                            TestModel.Q + " has DoRA lengths of the weight's columns, in the run of its rows");
        }
    }

    private void refusesToGoOn(Path file, LoraDesign design, String message) {
        try (TrainableLora lora = create(design)) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> lora.goOnFrom(file, model.adaptable(), manager))
                    .withMessageStartingWith(file + ": cannot be gone on from: ")
                    .withMessageContaining(message);
        }
    }

    @Test
    void convolutionsHaveARankAndAnAlphaOfTheirOwn() throws IOException {
        Path file = folder.resolve("a.safetensors");
        LoraDesign design = new LoraDesign(
                LoraAlgorithm.LOCON,
                2,
                3,
                new LoraDesign.Kernels(4, 1),
                OptionalInt.empty(),
                false,
                false,
                Map.of(LoraPart.UNET, List.of("*")));
        try (TrainableLora lora = create(design)) {
            Map<String, NDArray> arrays = lora.arrays();
            assertThat(arrays.get(TestModel.KOHYA_Q + ".lora_down.weight").getShape())
                    .isEqualTo(new Shape(2, 4));
            assertThat(arrays.get(TestModel.KOHYA_CONV + ".lora_down.weight").getShape())
                    .isEqualTo(new Shape(4, 4, 3, 3));
            assertThat(arrays.get("lora_unet_conv_out.lora_down.weight").getShape())
                    .isEqualTo(new Shape(2, 6, 1, 1));
            randomize(lora);
            float[][] trained = outputs(recorded(lora));
            lora.write(file, LoraNaming.KOHYA, Map.of(), StoredType.F32);
            try (Lora loaded = Lora.load(file, model.adaptable(), manager)) {
                assertClose(outputs(applied(loaded)), trained, 1e-5f);
                assertThat(loaded.report().metadata().get("ss_network_args"))
                        .contains("\"conv_dim\":4", "\"conv_alpha\":1.0");
            }
        }
    }

    @Test
    void theFirstMatrixOfLokrIsAsLargeAsAsked() {
        Map<LoraPart, List<String>> targets = Map.of(LoraPart.UNET, List.of(TestModel.OUT));
        LoraDesign.Kernels same = new LoraDesign.Kernels(1, 1);
        for (int most : new int[] {1, 2, 100}) { // the weight is (4, 6)
            LoraDesign design =
                    new LoraDesign(LoraAlgorithm.LOKR, 1, 1, same, OptionalInt.of(most), false, false, targets);
            try (TrainableLora lora = create(design)) {
                long side = Math.min(most, 2);
                assertThat(lora.factors().values())
                        .filteredOn(factor -> factor.array().getShape().equals(new Shape(side, side)))
                        .as("a matrix of " + side)
                        .isNotEmpty();
            }
        }
    }

    @Test
    void aDropoutSwitchesRanksOffAndKeepsTheMean() {
        try (TrainableLora lora = create(design(LoraAlgorithm.LORA, false, TestModel.Q))) {
            randomize(lora);
            List<Double> draws = new ArrayList<>(List.of(0.1, 0.9));
            Pass half = Pass.inference().withAdapters(List.of(lora.recorded(0.5, () -> draws.remove(0))));
            float[] one = outputs(half)[0];
            draws.addAll(List.of(0.9, 0.1));
            float[] other =
                    outputs(Pass.inference().withAdapters(List.of(lora.recorded(0.5, () -> draws.remove(0)))))[0];
            float[] whole = outputs(recorded(lora))[0];
            assertThat(one).isNotEqualTo(other);
            for (int i = 0; i < whole.length; i++) {
                assertThat((one[i] + other[i]) / 2).isCloseTo(whole[i], within(1e-4f));
            }
        }
    }

    @Test
    void aTargetIsAGlobOrARegularExpression() {
        try (TrainableLora globs = create(design(LoraAlgorithm.LOCON, false, "*.to_?", "*.conv1"));
                TrainableLora regex = create(design(LoraAlgorithm.LOCON, false, "re:.*\\.to_(q|out\\.0)"))) {
            assertThat(globs.arrays().keySet()).allMatch(key -> key.contains("to_q") || key.contains("conv1"));
            assertThat(globs.size()).isEqualTo(2);
            assertThat(regex.size()).isEqualTo(2);
        }
    }

    @Test
    void refusesWhatItCannotAdapt() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> create(design(LoraAlgorithm.LORA, false, "*.to_queue")))
                .withMessageContaining("*.to_queue fits no layer of the UNet");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> create(design(LoraAlgorithm.LORA, false, "*.conv1")))
                .withMessageContaining("expected locon");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> design(LoraAlgorithm.LORA, false))
                .withMessageContaining("there are no targets");
        try (TrainableLora lora = create(design(LoraAlgorithm.LOHA, false, "*"))) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() ->
                            lora.write(folder.resolve("a.safetensors"), LoraNaming.PEFT, Map.of(), StoredType.F32))
                    .withMessageContaining("expected kohya");
        }
    }
}
