package io.latent4j.lora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.Shape;
import io.latent4j.core.nn.Pass;
import io.latent4j.core.ops.ParameterOps;
import io.latent4j.core.random.TorchRandom;
import io.latent4j.core.weights.StoredType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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
        return TrainableLora.create("new", design, model.parts(), 1, manager);
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
            try (Lora loaded = Lora.load(file, model.parts(), manager)) {
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
            try (Lora loaded = Lora.load(file, model.parts(), manager)) {
                assertClose(outputs(applied(loaded)), outputs(applied(lora.lora())), 1e-5f);
                assertThat(loaded.report().namings()).containsExactly(naming);
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
