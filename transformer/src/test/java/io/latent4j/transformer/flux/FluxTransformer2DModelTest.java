package io.latent4j.transformer.flux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.latent4j.core.nn.Pass;
import io.latent4j.core.nn.Precision;
import io.latent4j.core.ops.Ops;
import io.latent4j.transformer.GoldenCase;
import io.latent4j.transformer.Manifest;
import io.latent4j.transformer.TinyModel;
import io.latent4j.transformer.layers.ConditionEmbedding;
import io.latent4j.transformer.layers.Positions;
import java.io.IOException;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FluxTransformer2DModelTest {
    private static final String CASE = "flux_dev_t0.31_b2_10x14";

    private NDManager manager;
    private GoldenCase golden;

    @BeforeEach
    void open() throws IOException {
        manager = NDManager.newBaseManager("PyTorch");
        golden = GoldenCase.open(CASE, manager);
    }

    @AfterEach
    void close() throws IOException {
        golden.close();
        manager.close();
    }

    @Test
    void predictsWhatTheReferenceDoes() throws IOException {
        golden.check(load(Precision.FLOAT32).forward(Pass.inference(), input(DataType.FLOAT32)));
    }

    @Test
    void makesPositionsOfASize() throws IOException {
        FluxInput in = input(DataType.FLOAT32);
        FluxInput made = FluxInput.of(in.sample(), 0.3125, in.context(), in.pooled(), 5, 7, OptionalDouble.of(7));
        FluxTransformer2DModel model = load(Precision.FLOAT32);

        NDArray expected = model.forward(Pass.inference(), in).get("1"); // whose guidance scale is 7
        NDArray y = model.forward(Pass.inference(), made).get("1");

        assertThat(y.sub(expected).abs().max().getFloat()).isLessThan(1e-5f);
    }

    @ParameterizedTest
    @ValueSource(strings = {"bfloat16", "float16", "bfloat16/float32"})
    void predictsNearlyThatInOtherPrecisions(String name) throws IOException {
        Precision precision = Precision.parse(name);
        NDArray y = load(precision).forward(Pass.inference(), input(precision.compute()));
        NDArray expected = load(Precision.FLOAT32).forward(Pass.inference(), input(DataType.FLOAT32));
        NDArray off = Ops.cast(y, DataType.FLOAT32).sub(expected);
        assertThat(off.norm().getFloat()).isLessThan(0.03f * expected.norm().getFloat());
    }

    @Test
    void holdsWhatEveryTransformerDoes() throws IOException {
        FluxTransformer2DModel model = load(Precision.FLOAT32);
        FluxInput in = input(DataType.FLOAT32);
        new TinyModel(model, pass -> model.forward(pass, in), manager).check();
    }

    @ParameterizedTest
    @CsvSource({"flux1-dev, 11901408320", "flux1-schnell, 11891178560"})
    void hasExactlyTheKeysAndShapesOfThePublishedModel(String model, long numbers) throws IOException {
        Manifest.check(model, numbers, json -> new FluxTransformer2DModel(FluxTransformer2DConfig.from(json)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'patch_size': 2} | patch_size is 2; expected 1",
                "{'axes_dims_rope': [16, 56]} | axes_dims_rope is [16,56]; expected a list of 3",
                "{'axes_dims_rope': [16, 56, 54]} | axes_dims_rope is [16, 56, 54]; expected even numbers whose sum is"
                        + " 128",
                "{'axes_dims_rope': [17, 55, 56]} | axes_dims_rope is [17, 55, 56]; expected even numbers",
                "{'num_single_layers': 257} | num_single_layers is 257; expected a whole number, 0 to 256"
            })
    void refusesSettingsThatCannotBe(String settings, String message) {
        Manifest.refuses(FluxTransformer2DConfig::from, settings, message);
    }

    @Test
    void saysWhetherItTakesTheGuidanceScale() throws IOException {
        FluxInput in = input(DataType.FLOAT32);
        FluxInput without = FluxInput.of(in.sample(), 1, in.context(), in.pooled(), 5, 7, OptionalDouble.empty());
        FluxTransformer2DModel model = load(Precision.FLOAT32);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> model.forward(Pass.inference(), without))
                .withMessage("this transformer takes the guidance scale (guidance_embeds), but none was given");
        ConditionEmbedding schnell = new ConditionEmbedding(8, false, OptionalLong.of(24), true);
        NDArray times = manager.ones(new Shape(1));
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        schnell.forward(Pass.inference(), times, Optional.of(times), Optional.of(in.pooled()), times))
                .withMessage("this transformer takes no guidance scale, but one was given");
    }

    @Test
    void needsAPositionForEachToken() throws IOException {
        FluxInput in = input(DataType.FLOAT32);
        FluxTransformer2DModel model = load(Precision.FLOAT32);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> model.forward(
                        Pass.inference(),
                        FluxInput.of(in.sample(), 1, in.context(), in.pooled(), 5, 8, OptionalDouble.of(1))))
                .withMessage("there are 35 tokens of the image and 40 positions for them; expected one each");
    }

    private FluxTransformer2DModel load(Precision precision) throws IOException {
        return FluxTransformer2DModel.load(golden.transformer(), manager, precision);
    }

    private FluxInput input(DataType type) throws IOException {
        return new FluxInput(
                Ops.cast(golden.in("hidden_states"), type),
                golden.perSample("timestep", 2),
                Ops.cast(golden.in("encoder_hidden_states"), type),
                Ops.cast(golden.in("pooled_projections"), type),
                Positions.of(golden.in("img_ids")),
                Positions.of(golden.in("txt_ids")),
                Optional.of(golden.perSample("guidance", 2)));
    }
}
