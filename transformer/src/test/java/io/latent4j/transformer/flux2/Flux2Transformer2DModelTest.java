package io.latent4j.transformer.flux2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.google.gson.JsonObject;
import io.latent4j.core.config.Config;
import io.latent4j.core.nn.Pass;
import io.latent4j.core.nn.Precision;
import io.latent4j.core.ops.Ops;
import io.latent4j.transformer.GoldenCase;
import io.latent4j.transformer.Manifest;
import io.latent4j.transformer.TinyModel;
import io.latent4j.transformer.layers.Positions;
import java.io.IOException;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class Flux2Transformer2DModelTest {
    private NDManager manager;
    private GoldenCase golden;

    @BeforeEach
    void open() throws IOException {
        manager = NDManager.newBaseManager("PyTorch");
        golden = GoldenCase.open("flux2_tper_b2_5x7", manager);
    }

    @AfterEach
    void close() throws IOException {
        golden.close();
        manager.close();
    }

    @Test
    void predictsWhatTheReferenceDoes() throws IOException {
        golden.check(load(Precision.FLOAT32).forward(Pass.inference(), input(golden, DataType.FLOAT32)));
    }

    @Test
    void goesByPicturesAsTheReferenceDoes() throws IOException {
        try (GoldenCase pictures = GoldenCase.open("flux2_ref_b1_6x4", manager)) {
            pictures.check(load(Precision.FLOAT32).forward(Pass.inference(), input(pictures, DataType.FLOAT32)));
        }
    }

    @Test
    void makesPositionsOfASize() throws IOException {
        Flux2Input in = input(golden, DataType.FLOAT32);
        Flux2Input made = Flux2Input.of(in.sample(), 0.05, in.context(), 5, 7, OptionalDouble.empty());
        Flux2Transformer2DModel model = load(Precision.FLOAT32);

        NDArray expected = model.forward(Pass.inference(), in).get("1"); // whose time is 0.05
        NDArray y = model.forward(Pass.inference(), made).get("1");

        assertThat(y.sub(expected).abs().max().getFloat()).isLessThan(1e-5f);
    }

    @ParameterizedTest
    @ValueSource(strings = {"bfloat16", "float16", "bfloat16/float32"})
    void predictsNearlyThatInOtherPrecisions(String name) throws IOException {
        Precision precision = Precision.parse(name);
        NDArray y = load(precision).forward(Pass.inference(), input(golden, precision.compute()));
        NDArray expected = load(Precision.FLOAT32).forward(Pass.inference(), input(golden, DataType.FLOAT32));
        NDArray off = Ops.cast(y, DataType.FLOAT32).sub(expected);
        assertThat(off.norm().getFloat()).isLessThan(0.03f * expected.norm().getFloat());
    }

    @Test
    void holdsWhatEveryTransformerDoes() throws IOException {
        Flux2Transformer2DModel model = load(Precision.FLOAT32);
        Flux2Input in = input(golden, DataType.FLOAT32);
        new TinyModel(model, pass -> model.forward(pass, in), manager).check();
    }

    @Test
    void hasExactlyTheKeysAndShapesOfThePublishedModel() throws IOException {
        Manifest.check(
                "flux2-klein-4b",
                3_875_544_576L,
                json -> new Flux2Transformer2DModel(Flux2Transformer2DConfig.from(json)));
    }

    @Test
    void takesTheGuidanceScaleWhereTheConfigSaysSo() throws IOException {
        JsonObject json =
                Config.read(golden.transformer().resolve("config.json")).json();
        json.addProperty("guidance_embeds", true);
        Flux2Transformer2DModel guided =
                new Flux2Transformer2DModel(Flux2Transformer2DConfig.from(Config.of("config.json", json)));
        assertThat(guided.shapes())
                .containsEntry("time_guidance_embed.guidance_embedder.linear_1.weight", new Shape(48, 256));
        Flux2Transformer2DModel model = load(Precision.FLOAT32);
        Flux2Input in = input(golden, DataType.FLOAT32);
        Flux2Input told = Flux2Input.of(in.sample(), 1, in.context(), 5, 7, OptionalDouble.of(4));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> model.forward(Pass.inference(), told))
                .withMessage("this transformer takes no guidance scale, but one was given");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'patch_size': 2} | patch_size is 2; expected 1",
                "{'timestep_guidance_channels': 128} | timestep_guidance_channels is 128; expected 256",
                "{'axes_dims_rope': [32, 32, 64]} | axes_dims_rope is [32,32,64]; expected a list of 4",
                "{'axes_dims_rope': [32, 32, 32, 34]} | axes_dims_rope is [32, 32, 32, 34]; expected even numbers",
                "{'mlp_ratio': 0} | mlp_ratio is 0; expected a number, more than 0"
            })
    void refusesSettingsThatCannotBe(String settings, String message) {
        Manifest.refuses(Flux2Transformer2DConfig::from, settings, message);
    }

    private Flux2Transformer2DModel load(Precision precision) throws IOException {
        return Flux2Transformer2DModel.load(golden.transformer(), manager, precision);
    }

    private static Flux2Input input(GoldenCase golden, DataType type) throws IOException {
        NDArray sample = golden.in("hidden_states");
        return new Flux2Input(
                Ops.cast(sample, type),
                golden.perSample("timestep", sample.getShape().get(0)),
                Ops.cast(golden.in("encoder_hidden_states"), type),
                Positions.of(golden.in("img_ids")),
                Positions.of(golden.in("txt_ids")),
                Optional.empty());
    }
}
