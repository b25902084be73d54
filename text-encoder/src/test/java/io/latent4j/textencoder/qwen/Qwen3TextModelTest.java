package io.latent4j.textencoder.qwen;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import io.latent4j.core.config.Config;
import io.latent4j.core.nn.Pass;
import io.latent4j.core.nn.Precision;
import io.latent4j.core.ops.Ops;
import io.latent4j.textencoder.LearnedWords;
import io.latent4j.textencoder.TestModels;
import io.latent4j.textencoder.TextStates;
import io.latent4j.textencoder.TokenBatch;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class Qwen3TextModelTest {
    private static final String CASE = "qwen3_z_image";

    private NDManager manager;

    @BeforeEach
    void open() {
        manager = NDManager.newBaseManager("PyTorch");
    }

    @AfterEach
    void close() {
        manager.close();
    }

    @Test
    void keysAndShapesAreTheCheckpoints() throws IOException {
        Path folder = TestModels.resource("manifests/qwen3-4b");
        Qwen3TextModel model = new Qwen3TextModel(Qwen3Config.from(Config.read(folder.resolve("config.json"))));
        assertThat(new TreeMap<>(model.shapes())).isEqualTo(TestModels.manifest(folder.resolve("manifest.tsv")));
        assertThat(model.parameterCount()).isEqualTo(4_022_468_096L);
    }

    @Test
    void numbersAreTheReferences() throws IOException {
        TextStates states = tiny().forward(Pass.inference(), batch());
        // The reference's last hidden states are normalized.
        TestModels.assertNumbers(CASE, manager, name -> switch (name) {
            case "out.last_hidden_state", "out.hidden_states.4" -> states.last();
            default -> states.hidden().get(Integer.parseInt(name.substring("out.hidden_states.".length())));
        });
    }

    /** The texts of the case, each with another length. */
    private TokenBatch batch() throws IOException {
        NDArray mask = TestModels.input(CASE, "attention_mask", manager);
        long[] lengths = mask.sum(new int[] {1}).toType(DataType.INT64, false).toLongArray();
        List<Integer> each =
                Arrays.stream(lengths).mapToInt(n -> (int) n).boxed().toList();
        return new TokenBatch(TestModels.input(CASE, "input_ids", manager), each, LearnedWords.none());
    }

    @Test
    void statesOfLayersStandSideBySide() throws IOException {
        Qwen3TextModel model = tiny();
        TextStates all = model.forward(Pass.inference(), batch());
        NDArray some = model.states(Pass.inference(), batch(), List.of(3, 0, 3));
        NDArray expected = all.hidden()
                .get(3)
                .concat(all.hidden().get(0), 2)
                .concat(all.hidden().get(3), 2);
        assertClose(some, expected);
    }

    @Test
    void layersAfterTheLastOneAskedForAreNotRun() throws IOException {
        Qwen3TextModel model = tiny();
        NDArray expected = model.states(Pass.inference(), batch(), List.of(2));
        NDArray weight =
                model.getParameters().get("model.layers.2.mlp.up_proj.weight").getArray();
        weight.muli(Float.NaN);
        assertThat(model.states(Pass.inference(), batch(), List.of(2))).isEqualTo(expected);
        assertThat(model.states(Pass.inference(), batch(), List.of(3))
                        .isNaN()
                        .any()
                        .getBoolean())
                .isTrue();
    }

    @Test
    void paddingChangesNothingBeforeIt() throws IOException {
        Qwen3TextModel model = tiny();
        NDArray expected = model.forward(Pass.inference(), ids(5, 9, 7)).last();
        TokenBatch padded = new TokenBatch(ids(5, 9, 7, 3, 3), List.of(3), LearnedWords.none());
        TextStates states = model.forward(Pass.inference(), padded);
        assertClose(states.last().get(":, :3"), expected);
        assertClose(states.pooled(), expected.get(":, 2"));
    }

    @Test
    void aTokenSeesNoLaterOne() throws IOException {
        Qwen3TextModel model = tiny();
        NDArray first = model.forward(Pass.inference(), ids(5, 9, 7, 3)).last();
        NDArray second = model.forward(Pass.inference(), ids(5, 9, 8, 3)).last();
        assertClose(first.get(":, :2"), second.get(":, :2"));
        assertThat(first.get(":, 3").sub(second.get(":, 3")).abs().max().getFloat())
                .isGreaterThan(1e-3f);
    }

    @ParameterizedTest
    @ValueSource(strings = {"float16", "bfloat16", "float16/float32"})
    void narrowNumbersAreNearTheWhole(String name) throws IOException {
        NDArray expected = tiny().states(Pass.inference(), batch(), List.of(3));
        Precision precision = Precision.parse(name);
        NDArray got = Qwen3TextModel.load(TestModels.resource("z-image-tiny/text_encoder"), manager, precision)
                .states(Pass.inference(), batch(), List.of(3));
        float difference =
                Ops.cast(got, DataType.FLOAT32).sub(expected).abs().max().getFloat();
        assertThat(difference).isLessThan(name.endsWith("float32") ? 1e-6f : name.equals("float16") ? 0.02f : 0.1f);
    }

    @Test
    void leavesNoArraysBehind() throws IOException {
        Qwen3TextModel model = tiny();
        TokenBatch batch = batch();
        int before = manager.getManagedArrays().size();
        for (int i = 0; i < 10; i++) {
            try (NDScope scope = new NDScope()) {
                scope.suppressNotUsedWarning();
                model.forward(Pass.inference(), batch);
            }
            model.forward(Pass.inference(), batch).close();
            model.states(Pass.inference(), batch, List.of(0, 2)).close();
        }
        assertThat(manager.getManagedArrays()).hasSize(before);
    }

    @Test
    void paddingChangesNoGradient() throws IOException {
        NDArray plain = gradient(TokenBatch.of(ids(5, 9, 7)));
        NDArray padded = gradient(new TokenBatch(ids(5, 9, 7, 2, 2), List.of(3), LearnedWords.none()));
        assertThat(plain.abs().sum(new int[] {1}).gt(0).nonzero().flatten().toLongArray())
                .containsExactly(5, 7, 9);
        assertThat(padded.sub(plain).abs().max().getFloat())
                .isLessThan(1e-4f * plain.abs().max().getFloat());
    }

    /** Of the table of tokens, for what becomes of the first three. */
    private NDArray gradient(TokenBatch batch) throws IOException {
        Qwen3TextModel model = tiny();
        NDArray table = model.getParameters().get("model.embed_tokens.weight").getArray();
        table.setRequiresGradient(true);
        try (GradientCollector collector = Engine.getEngine("PyTorch").newGradientCollector()) {
            NDArray states = model.states(Pass.inference(), batch, List.of(4));
            collector.backward(states.get(":, :3").pow(3).sum());
        }
        return table.getGradient();
    }

    @Test
    void knowsTheKeysOfOtherFiles() {
        assertThat(Qwen3TextModel.currentKey("lm_head.weight")).isEmpty();
        assertThat(Qwen3TextModel.currentKey("layers.0.input_layernorm.weight"))
                .hasValue("model.layers.0.input_layernorm.weight");
        assertThat(Qwen3TextModel.currentKey("model.norm.weight")).hasValue("model.norm.weight");
    }

    @Test
    void refusesWhatDoesNotFit() throws IOException {
        Qwen3TextModel model = tiny();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> model.states(Pass.inference(), TokenBatch.of(ids(1)), List.of(5)))
                .withMessage("states are asked for after the layers [5]; expected numbers from 0 to 4");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> model.forward(Pass.inference(), manager.create(new float[] {1}, new Shape(1, 1))))
                .withMessage("token ids are float32 (1, 1); expected int64 (texts, 1 to 40960 tokens)");
    }

    private Qwen3TextModel tiny() throws IOException {
        return Qwen3TextModel.load(TestModels.resource("z-image-tiny/text_encoder"), manager, Precision.FLOAT32);
    }

    private NDArray ids(long... ids) {
        return manager.create(ids).reshape(1, ids.length);
    }

    private static void assertClose(NDArray actual, NDArray expected) {
        assertThat(actual.getShape()).isEqualTo(expected.getShape());
        assertThat(actual.sub(expected).abs().max().getFloat()).isLessThan(1e-5f);
    }
}
