package io.latent4j.textencoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import com.google.common.base.Splitter;
import com.google.gson.JsonObject;
import io.latent4j.core.config.Config;
import io.latent4j.core.nn.Pass;
import io.latent4j.core.nn.Precision;
import io.latent4j.core.weights.SafeTensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ClipTextModelTest {
    private NDManager manager;

    @BeforeEach
    void open() {
        manager = NDManager.newBaseManager("PyTorch");
    }

    @AfterEach
    void close() {
        manager.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "sd15/text_encoder",
                "sd21/text_encoder",
                "sdxl-base/text_encoder",
                "sdxl-base/text_encoder_2",
                "sdxl-refiner/text_encoder_2"
            })
    void keysAndShapesAreTheCheckpoints(String name) throws IOException {
        Path folder = TestModels.reference().resolve("manifests").resolve(name);
        Map<String, Shape> expected = new TreeMap<>();
        for (String line : Files.readAllLines(folder.resolve("manifest.tsv"))) {
            if (!line.startsWith("key\t")) {
                List<String> fields = Splitter.on('\t').splitToList(line);
                expected.put(fields.get(0), shape(fields.get(1)));
            }
        }
        assertThat(new TreeMap<>(new ClipTextModel(config(folder)).shapes())).isEqualTo(expected);
    }

    private static ClipTextConfig config(Path folder) throws IOException {
        return ClipTextConfig.from(Config.read(folder.resolve("config.json")));
    }

    private static Shape shape(String text) {
        return new Shape(
                Splitter.on(',').splitToStream(text).mapToLong(Long::parseLong).toArray());
    }

    @ParameterizedTest
    @CsvSource({
        "768, 12, 12, QUICK_GELU, 0, 123060480", // Stable Diffusion 1, SDXL's first
        "1024, 23, 16, GELU, 0, 340387840", // Stable Diffusion 2
        "1280, 32, 20, GELU, 1280, 694659840" // SDXL's second
    })
    void modelsHaveTheirPublishedSizes(
            int width, int layers, int heads, ClipTextConfig.Activation activation, int projection, long parameters) {
        ClipTextModel model = new ClipTextModel(
                new ClipTextConfig(49408, width, 4 * width, layers, heads, 77, activation, 1e-5, 49407, projection));
        assertThat(model.parameterCount()).isEqualTo(parameters);
        assertThat(model.shapes().containsKey("text_projection.weight")).isEqualTo(projection > 0);
    }

    @Test
    void numbersAreTheReferences() throws IOException {
        checkCase(TestModels.resource("sd15-tiny/text_encoder"), TestModels.resource("cases/sd15.json"));
    }

    @ParameterizedTest
    @CsvSource({
        "sd15-tiny/text_encoder, sd15",
        "sd21-tiny/text_encoder, sd21",
        "sdxl-tiny/text_encoder, sdxl_1",
        "sdxl-tiny/text_encoder_2, sdxl_2"
    })
    void numbersAreTheWholeReferences(String model, String name) throws IOException {
        Path reference = TestModels.reference();
        checkCase(
                reference.resolve("models").resolve(model),
                reference.resolve("cases/text_encoder").resolve(name + ".json"));
    }

    private void checkCase(Path folder, Path sidecar) throws IOException {
        String file = sidecar.toString().replace(".json", ".safetensors");
        ClipTextModel model = ClipTextModel.load(folder, manager, Precision.FLOAT32);
        try (SafeTensors tensors = SafeTensors.open(Path.of(file))) {
            NDArray ids = tensors.read("in.input_ids", manager);
            TextStates states = model.forward(Pass.inference(), ids);
            JsonObject outputs = TestModels.json(sidecar).getAsJsonObject("outputs");
            for (String name : outputs.keySet()) {
                JsonObject tolerance = outputs.getAsJsonObject(name);
                double relative = tolerance.get("rtol").getAsDouble();
                double absolute = tolerance.get("atol").getAsDouble();
                assertThat(output(states, name).allClose(tensors.read(name, manager), relative, absolute, false))
                        .as("%s %s", file, name)
                        .isTrue();
            }
            assertThat(states.projected().isPresent()).isEqualTo(outputs.has("out.text_embeds"));
            assertThat(model.forward(Pass.inference(), ids, 0)).isEqualTo(states.last());
        }
    }

    private static NDArray output(TextStates states, String name) {
        String hidden = "dbg.hidden_states.";
        if (name.startsWith(hidden)) {
            return states.hidden().get(Integer.parseInt(name.substring(hidden.length())));
        }
        return switch (name) {
            case "out.last_hidden_state" -> states.last();
            case "out.pooler_output" -> states.pooled();
            case "out.penultimate" -> states.penultimate();
            case "out.text_embeds" -> states.projected().orElseThrow();
            default -> throw new IllegalArgumentException(name);
        };
    }

    @Test
    void skippingALayerNormalizesThePenultimateState() throws IOException {
        ClipTextModel model = tiny();
        NDArray ids = ids(998, 320, 725, 999, 999);
        TextStates states = model.forward(Pass.inference(), ids);
        NDArray norm = states.penultimate().sub(states.penultimate().mean(new int[] {2}, true));
        norm = norm.div(norm.square().mean(new int[] {2}, true).add(1e-5).sqrt());
        norm = norm.mul(model.getParameters()
                        .get("text_model.final_layer_norm.weight")
                        .getArray())
                .add(model.getParameters()
                        .get("text_model.final_layer_norm.bias")
                        .getArray());

        assertThat(model.forward(Pass.inference(), ids, 1).allClose(norm, 1e-4, 1e-5, false))
                .isTrue();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> model.forward(Pass.inference(), ids, 4))
                .withMessageContaining("skip is 4");
    }

    @Test
    void aTokenSeesNoLaterOne() throws IOException {
        ClipTextModel model = tiny();
        NDArray first = model.forward(Pass.inference(), ids(998, 320, 725, 871, 999), 0);
        NDArray second = model.forward(Pass.inference(), ids(998, 320, 725, 5, 7), 0);
        NDIndex same = new NDIndex(":, :3");
        assertThat(first.get(same).allClose(second.get(same), 0, 1e-6, false)).isTrue();
        assertThat(first.get(":, 3").allClose(second.get(":, 3"), 0, 1e-2, false))
                .isFalse();
    }

    @Test
    void paddingChangesNothingBeforeIt() throws IOException {
        ClipTextModel model = tiny();
        TextStates few = model.forward(Pass.inference(), ids(998, 320, 725, 999));
        TextStates many = model.forward(Pass.inference(), ids(998, 320, 725, 999, 999, 0, 0, 999));
        assertThat(few.pooled().allClose(many.pooled(), 0, 1e-5, false)).isTrue();
        assertThat(few.last().allClose(many.last().get(":, :4"), 0, 1e-5, false))
                .isTrue();
    }

    @ParameterizedTest
    @CsvSource({"2, 1", "5, 2", "7, 3", "998, 0", "6, 0"})
    void poolsAtTheEndToken(long eos, long position) throws IOException {
        ClipTextConfig c = config(TestModels.resource("sd15-tiny/text_encoder"));
        ClipTextModel tiny = tiny();
        ClipTextModel model = new ClipTextModel(new ClipTextConfig(
                c.vocabularySize(),
                c.width(),
                c.mlpWidth(),
                c.layers(),
                c.heads(),
                c.maxPositions(),
                c.activation(),
                c.layerNormEpsilon(),
                eos,
                0));
        model.load("tiny", tiny.shapes(), key -> tiny.getParameters().get(key).getArray());

        TextStates states = model.forward(Pass.inference(), ids(998, 999, 5, 7, 5, 7, 999));
        assertThat(states.pooled()).isEqualTo(states.last().get(":, {}", position));
    }

    @Test
    void leavesNoArraysBehind() throws IOException {
        ClipTextModel model = tiny();
        NDArray ids = ids(998, 320, 725, 871, 999);
        int before = manager.getManagedArrays().size();
        for (int i = 0; i < 100; i++) {
            try (NDScope scope = new NDScope()) {
                scope.suppressNotUsedWarning();
                model.forward(Pass.inference(), ids);
                model.forward(Pass.inference(), ids, 1);
            }
            model.forward(Pass.inference(), ids).close();
            model.forward(Pass.inference(), ids, 2).close();
        }
        assertThat(manager.getManagedArrays()).hasSize(before);
    }

    @Test
    void refusesIdsThatDoNotFit() throws IOException {
        ClipTextModel model = tiny();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> model.forward(Pass.inference(), ids(new long[78])))
                .withMessage("token ids are int64 (1, 78); expected int64 (texts, 1 to 77 tokens)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> model.forward(Pass.inference(), manager.create(new float[] {1})));
    }

    @Test
    void ignoresTheCountOldFilesHold() {
        assertThat(ClipTextModel.currentKey("text_model.embeddings.position_ids"))
                .isEmpty();
        String weight = "text_model.embeddings.position_embedding.weight";
        assertThat(ClipTextModel.currentKey(weight)).hasValue(weight);
        assertThat(ClipTextModel.currentKey(weight.replace("text_model.", "")))
                .as("as transformers 5 saves it")
                .hasValue(weight);
        assertThat(ClipTextModel.currentKey("embeddings.position_ids")).isEmpty();
        assertThat(ClipTextModel.currentKey("text_projection.weight")).hasValue("text_projection.weight");
    }

    @Test
    void gradientsReachTheTokensOfTheText() throws IOException {
        ClipTextModel model = tiny();
        String key = "text_model.embeddings.token_embedding.weight";
        NDArray table = model.getParameters().get(key).getArray();
        table.setRequiresGradient(true);
        try (GradientCollector collector = Engine.getEngine("PyTorch").newGradientCollector()) {
            collector.backward(model.forward(Pass.inference(), ids(998, 320, 725, 999))
                    .pooled()
                    .square()
                    .sum());
        }
        NDArray rows = table.getGradient().abs().sum(new int[] {1});
        assertThat(rows.getFloat(725)).isPositive();
        assertThat(rows.gt(0).sum().toLongArray()).containsExactly(4);
    }

    @Test
    void keepsTheDataTypeAskedFor() throws IOException {
        ClipTextModel model =
                ClipTextModel.load(TestModels.resource("sd15-tiny/text_encoder"), manager, Precision.FLOAT16);
        TextStates states = model.forward(Pass.inference(), ids(998, 320, 725, 999));
        assertThat(states.last().getDataType()).isEqualTo(DataType.FLOAT16);
        assertThat(states.pooled().getDataType()).isEqualTo(DataType.FLOAT16);
    }

    @Test
    void embedsTextsForComparison() throws IOException {
        ClipTextModel model = tiny();
        try (ClipTokenizer tokenizer = ClipTokenizer.read(TestModels.resource("sd15-tiny/tokenizer"));
                NDManager request = manager.newSubManager()) {
            NDArray ids = tokenizer.encode(request, List.of("a red fox", "A  red fox", "the golden castle"));
            NDArray vectors = model.forward(Pass.inference(), ids).pooled().normalize(2, 1);
            NDArray cosines = vectors.matMul(vectors.transpose()); // (3, 3)

            assertThat(cosines.getFloat(0, 1)).isCloseTo(1, within(1e-5f));
            assertThat(cosines.getFloat(0, 2)).isLessThan(0.999f);
        }
    }

    private ClipTextModel tiny() throws IOException {
        return ClipTextModel.load(TestModels.resource("sd15-tiny/text_encoder"), manager, Precision.FLOAT32);
    }

    private NDArray ids(long... ids) {
        return manager.create(ids, new Shape(1, ids.length));
    }
}
