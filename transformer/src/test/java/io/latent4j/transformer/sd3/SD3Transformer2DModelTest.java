package io.latent4j.transformer.sd3;

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
import java.io.IOException;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SD3Transformer2DModelTest {
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
    void predictsWhatTheReferenceDoes() throws IOException {
        try (GoldenCase golden = GoldenCase.open("sd35m_t8.99_b2_14x14", manager)) {
            golden.check(load(Precision.FLOAT32).forward(Pass.inference(), input(golden)));
        }
    }

    @Test
    void leavesBlocksOutAsTheReferenceDoes() throws IOException {
        try (GoldenCase golden = GoldenCase.open("sd35m_skip_b1_8x12", manager)) {
            golden.check(load(Precision.FLOAT32)
                    .forward(Pass.inference(), input(golden).skipping(Set.of(1, 2))));
        }
    }

    @Test
    void mayLeaveTheLastBlockOut() throws IOException {
        try (GoldenCase golden = GoldenCase.open("sd35m_skip_b1_8x12", manager)) {
            SD3Transformer2DModel model = load(Precision.FLOAT32);
            SD3Input in = input(golden);
            NDArray without = model.forward(Pass.inference(), in.skipping(Set.of(3)));
            assertThat(without.getShape()).isEqualTo(in.sample().getShape());
            assertThat(without.sub(model.forward(Pass.inference(), in))
                            .abs()
                            .max()
                            .getFloat())
                    .isGreaterThan(0.1f);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> model.forward(Pass.inference(), in.skipping(Set.of(4))))
                    .withMessage("layers to skip are [4]; expected numbers from 0 to 3");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"bfloat16", "float16", "bfloat16/float32"})
    void predictsNearlyThatInOtherPrecisions(String name) throws IOException {
        Precision precision = Precision.parse(name);
        DataType compute = precision.compute();
        try (GoldenCase golden = GoldenCase.open("sd35m_t8.99_b2_14x14", manager)) {
            SD3Input in = input(golden);
            NDArray y = load(precision)
                    .forward(
                            Pass.inference(),
                            new SD3Input(
                                    Ops.cast(in.sample(), compute),
                                    in.timesteps(),
                                    Ops.cast(in.context(), compute),
                                    Ops.cast(in.pooled(), compute),
                                    Set.of()));
            NDArray expected = load(Precision.FLOAT32).forward(Pass.inference(), in);
            NDArray off = Ops.cast(y, DataType.FLOAT32).sub(expected);
            assertThat(off.norm().getFloat()).isLessThan(0.02f * expected.norm().getFloat());
        }
    }

    @Test
    void holdsWhatEveryTransformerDoes() throws IOException {
        try (GoldenCase golden = GoldenCase.open("sd35m_t8.99_b2_14x14", manager)) {
            SD3Transformer2DModel model = load(Precision.FLOAT32);
            SD3Input in = input(golden);
            String lastQueries = "transformer_blocks.3.attn."; // of the text, which ends there
            new TinyModel(model, pass -> model.forward(pass, in), manager)
                    .check(
                            lastQueries + "add_q_proj.weight",
                            lastQueries + "add_q_proj.bias",
                            lastQueries + "norm_added_q.weight");
        }
    }

    @ParameterizedTest
    @CsvSource({"sd3-medium, 2084951104", "sd3.5-medium, 2469663936", "sd3.5-large, 8146280768"})
    void hasExactlyTheKeysAndShapesOfThePublishedModel(String model, long numbers) throws IOException {
        Manifest.check(model, numbers, json -> new SD3Transformer2DModel(SD3Transformer2DConfig.from(json)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'caption_projection_dim': 1536} | caption_projection_dim is 1536; expected 1152, num_attention_heads",
                "{'qk_norm': 'layer_norm'} | qk_norm is \"layer_norm\"; expected one of rms_norm",
                "{'dual_attention_layers': [18]} | dual_attention_layers is [18]; expected numbers from 0 to 17",
                "{'num_attention_heads': 0} | num_attention_heads is 0; expected a whole number, 1 to 65536",
                "{'pos_embed_max_size': 4096} | pos_embed_max_size is 4096; expected a whole number, 1 to 1024"
            })
    void refusesSettingsThatCannotBe(String settings, String message) {
        Manifest.refuses(SD3Transformer2DConfig::from, settings, message);
    }

    @Test
    void refusesLatentsThatHaveNoPositions() throws IOException {
        SD3Transformer2DModel model = load(Precision.FLOAT32);
        NDArray text = manager.zeros(new Shape(1, 2, 64));
        SD3Input in = SD3Input.of(manager.zeros(new Shape(1, 16, 66, 8)), 1, text, manager.zeros(new Shape(1, 48)));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> model.forward(Pass.inference(), in))
                .withMessage(
                        "latents are (1, 16, 66, 8); expected a height and width of at most 64, for which the model"
                                + " has positions (pos_embed_max_size)");
    }

    private SD3Transformer2DModel load(Precision precision) throws IOException {
        return SD3Transformer2DModel.load(GoldenCase.transformer("sd35-medium-tiny"), manager, precision);
    }

    private static SD3Input input(GoldenCase golden) throws IOException {
        NDArray sample = golden.in("sample");
        return new SD3Input(
                sample,
                golden.perSample("timestep", sample.getShape().get(0)),
                golden.in("encoder_hidden_states"),
                golden.in("pooled_projections"),
                Set.of());
    }
}
