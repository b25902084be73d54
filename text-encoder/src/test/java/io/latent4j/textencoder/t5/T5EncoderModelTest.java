package io.latent4j.textencoder.t5;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.DataType;
import ai.djl.training.GradientCollector;
import com.google.gson.JsonObject;
import io.latent4j.core.config.Config;
import io.latent4j.core.nn.Pass;
import io.latent4j.core.nn.Precision;
import io.latent4j.core.nn.WeightType;
import io.latent4j.core.ops.Ops;
import io.latent4j.core.weights.SafeTensors;
import io.latent4j.textencoder.LearnedWords;
import io.latent4j.textencoder.TestModels;
import io.latent4j.textencoder.TextStates;
import io.latent4j.textencoder.TokenBatch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class T5EncoderModelTest {
    private static final String CASE = "t5_mask_40";

    private NDManager manager;

    @TempDir
    private Path folder;

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
        Path xxl = TestModels.resource("manifests/t5-v1_1-xxl");
        T5EncoderModel model = new T5EncoderModel(T5Config.from(Config.read(xxl.resolve("config.json"))));
        assertThat(new TreeMap<>(model.shapes())).isEqualTo(TestModels.manifest(xxl.resolve("manifest.tsv")));
        assertThat(model.parameterCount()).isEqualTo(4_762_310_656L);
    }

    @Test
    void numbersAreTheReferences() throws IOException {
        T5EncoderModel model = tiny();
        TokenBatch batch = masked();
        TextStates states = model.forward(Pass.inference(), batch);
        TestModels.assertNumbers(CASE, manager, name -> output(model, states, name));
        assertThat(model.last(Pass.inference(), batch)).isEqualTo(states.last());
    }

    private NDArray output(T5EncoderModel model, TextStates states, String name) {
        String hidden = "dbg.hidden_states.";
        if (name.startsWith(hidden)) {
            return states.hidden().get(Integer.parseInt(name.substring(hidden.length())));
        }
        return name.equals("dbg.position_bias") ? positionBias(model) : states.last();
    }

    /** (1, heads, 40, 40), of the table by relative position. */
    private NDArray positionBias(T5EncoderModel model) {
        NDArray table = model.getParameters()
                .get("encoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight")
                .getArray();
        long[] all = new RelativeBuckets(32, 128).all(40);
        long[] pairs = new long[40 * 40];
        for (int i = 0; i < pairs.length; i++) {
            pairs[i] = all[i % 40 - i / 40 + 39];
        }
        return table.get(manager.create(pairs)).transpose().reshape(1, -1, 40, 40);
    }

    /** The texts of the case: 28 tokens with the end token, and the end token alone. */
    private TokenBatch masked() throws IOException {
        NDArray ids = TestModels.input(CASE, "input_ids", manager);
        NDArray mask = TestModels.input(CASE, "attention_mask", manager);
        long[] lengths = mask.sum(new int[] {1}).toType(DataType.INT64, false).toLongArray();
        return new TokenBatch(ids, List.of((int) lengths[0], (int) lengths[1]), LearnedWords.none());
    }

    @Test
    void paddingCountsUnlessItIsMasked() throws IOException {
        T5EncoderModel model = tiny();
        NDArray few = ids(5, 9, 7, 1);
        NDArray many = ids(5, 9, 7, 1, 0, 0, 0);
        TokenBatch masked = new TokenBatch(many, List.of(4), LearnedWords.none());
        NDArray expected = model.last(Pass.inference(), TokenBatch.of(few));
        assertClose(model.last(Pass.inference(), masked).get(":, :4"), expected);
        NDArray seen = model.last(Pass.inference(), TokenBatch.of(many)).get(":, :4");
        assertThat(seen.sub(expected).abs().max().getFloat()).isGreaterThan(1e-2f);
    }

    @Test
    void textsOfABatchAreReadOneByOne() throws IOException {
        T5EncoderModel model = tiny();
        NDArray both = ids(5, 9, 7, 1, 0, 8, 1, 0, 0, 0).reshape(2, 5);
        NDArray states = model.last(Pass.inference(), new TokenBatch(both, List.of(4, 2), LearnedWords.none()));
        assertClose(states.get("0:1, :4"), model.last(Pass.inference(), TokenBatch.of(ids(5, 9, 7, 1))));
        assertClose(states.get("1:, :2"), model.last(Pass.inference(), TokenBatch.of(ids(8, 1))));
    }

    @Test
    void theTextIsPooledAtItsFirstEndToken() throws IOException {
        TextStates states = tiny().forward(Pass.inference(), TokenBatch.of(ids(5, 9, 1, 0, 1, 1)));
        assertThat(states.pooled()).isEqualTo(states.last().get(":, 2"));
        assertThat(states.projected()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"shared.weight", "encoder.embed_tokens.weight", "both"})
    void theTableOfTokensHasTwoNames(String name) throws IOException {
        T5EncoderModel tiny = tiny();
        Map<String, NDArray> tensors = tensors(tiny);
        NDArray table = tensors.remove("shared.weight");
        tensors.put("decoder.block.0.layer.0.SelfAttention.q.weight", ids(1));
        tensors.put("lm_head.weight", ids(1));
        if (name.equals("both")) {
            tensors.put("shared.weight", table);
            tensors.put("encoder.embed_tokens.weight", table);
        } else {
            tensors.put(name, table);
        }
        write("model.safetensors", tensors);
        assertSame(T5EncoderModel.load(folder, manager, Precision.FLOAT32), tiny);
    }

    @Test
    void readsWeightsInSeveralFiles() throws IOException {
        T5EncoderModel tiny = tiny();
        Map<String, NDArray> first = tensors(tiny);
        Map<String, NDArray> second = new LinkedHashMap<>();
        List.of("shared.weight", "encoder.final_layer_norm.weight").forEach(key -> second.put(key, first.remove(key)));
        JsonObject places = new JsonObject();
        first.keySet().forEach(key -> places.addProperty(key, "model-00001-of-00002.safetensors"));
        second.keySet().forEach(key -> places.addProperty(key, "model-00002-of-00002.safetensors"));
        JsonObject index = new JsonObject();
        index.add("weight_map", places);
        write("model-00001-of-00002.safetensors", first);
        write("model-00002-of-00002.safetensors", second);
        Files.writeString(folder.resolve("model.safetensors.index.json"), index.toString());
        assertSame(T5EncoderModel.load(folder, manager, Precision.FLOAT32), tiny);
    }

    private void write(String name, Map<String, NDArray> tensors) throws IOException {
        SafeTensors.write(folder.resolve(name), tensors, Map.of());
        Files.copy(
                TestModels.resource("t5-tiny/text_encoder/config.json"),
                folder.resolve("config.json"),
                java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    }

    private static Map<String, NDArray> tensors(T5EncoderModel model) {
        Map<String, NDArray> tensors = new LinkedHashMap<>();
        model.getParameters().forEach(p -> tensors.put(p.getKey(), p.getValue().getArray()));
        return tensors;
    }

    private static void assertSame(T5EncoderModel got, T5EncoderModel expected) {
        expected.getParameters()
                .forEach(p -> assertThat(got.getParameters().get(p.getKey()).getArray())
                        .as(p.getKey())
                        .isEqualTo(p.getValue().getArray()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"float16", "bfloat16", "float16/float32", "bfloat16/float32"})
    void narrowNumbersAreNearTheWhole(String name) throws IOException {
        NDArray expected = tiny().last(Pass.inference(), masked());
        Precision precision = Precision.parse(name);
        NDArray got = T5EncoderModel.load(TestModels.resource("t5-tiny/text_encoder"), manager, precision)
                .last(Pass.inference(), masked());
        boolean exact = precision.weights() == WeightType.FLOAT16 && precision.compute() == DataType.FLOAT32;
        NDArray difference = Ops.cast(got, DataType.FLOAT32).sub(expected).abs();
        float most = exact ? 1e-6f : precision.weights() == WeightType.FLOAT16 ? 0.02f : 0.1f;
        assertThat(difference.max().getFloat()).isLessThan(most); // of values up to 4
    }

    @Test
    void statesBeyondTheRangeOfFloat16StayFinite() throws IOException {
        T5EncoderModel model =
                T5EncoderModel.load(TestModels.resource("t5-tiny/text_encoder"), manager, Precision.FLOAT16);
        model.getParameters()
                .get("encoder.block.1.layer.1.DenseReluDense.wo.weight")
                .getArray()
                .muli(60_000);
        TextStates states = model.forward(Pass.inference(), TokenBatch.of(ids(5, 9, 7, 1)));
        assertThat(states.hidden().get(2).abs().max().getFloat()).isBetween(65_504f, 1e9f);
        assertThat(states.last().isNaN().any().getBoolean()).isFalse();
    }

    @Test
    void leavesNoArraysBehind() throws IOException {
        T5EncoderModel model = tiny();
        TokenBatch batch = masked();
        int before = manager.getManagedArrays().size();
        for (int i = 0; i < 20; i++) {
            try (NDScope scope = new NDScope()) {
                scope.suppressNotUsedWarning();
                model.forward(Pass.inference(), batch);
                model.last(Pass.inference(), batch);
            }
            model.forward(Pass.inference(), batch).close();
            model.last(Pass.inference(), batch).close();
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
        T5EncoderModel model = tiny();
        NDArray table = model.getParameters().get("shared.weight").getArray();
        table.setRequiresGradient(true);
        try (GradientCollector collector = Engine.getEngine("PyTorch").newGradientCollector()) {
            NDArray states = model.last(Pass.inference(), batch);
            collector.backward(states.get(":, :3").pow(3).sum());
        }
        return table.getGradient();
    }

    @Test
    void refusesIdsThatDoNotFit() throws IOException {
        T5EncoderModel model = tiny();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> model.last(Pass.inference(), TokenBatch.of(ids(new long[513]))))
                .withMessage("token ids are int64 (1, 513); expected int64 (texts, 1 to 512 tokens)");
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> model.last(Pass.inference(), new TokenBatch(ids(5, 1), List.of(0), LearnedWords.none())))
                .withMessage("lengths are [0]; expected one from 1 to 2 for each of 1 texts");
    }

    private T5EncoderModel tiny() throws IOException {
        return T5EncoderModel.load(TestModels.resource("t5-tiny/text_encoder"), manager, Precision.FLOAT32);
    }

    private NDArray ids(long... ids) {
        return manager.create(ids).reshape(1, ids.length);
    }

    private static void assertClose(NDArray actual, NDArray expected) {
        assertThat(actual.getShape()).isEqualTo(expected.getShape());
        assertThat(actual.sub(expected).abs().max().getFloat()).isLessThan(1e-5f);
    }
}
