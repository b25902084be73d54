package io.latent4j.transformer.pixart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.latent4j.core.nn.Pass;
import io.latent4j.core.nn.Precision;
import io.latent4j.core.ops.Ops;
import io.latent4j.transformer.GoldenCase;
import io.latent4j.transformer.Manifest;
import io.latent4j.transformer.TinyModel;
import java.io.IOException;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PixArtTransformer2DModelTest {
    private static final String CASE = "pixart_tper_b2_10x14";

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
        golden.check(load(Precision.FLOAT32).forward(Pass.inference(), input()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"bfloat16", "float16", "bfloat16/float32"})
    void predictsNearlyThatInOtherPrecisions(String name) throws IOException {
        Precision precision = Precision.parse(name);
        DataType compute = precision.compute();
        PixArtInput in = input();
        NDArray y = load(precision)
                .forward(
                        Pass.inference(),
                        new PixArtInput(
                                Ops.cast(in.sample(), compute),
                                in.timesteps(),
                                Ops.cast(in.context(), compute),
                                in.mask()));
        NDArray expected = load(Precision.FLOAT32).forward(Pass.inference(), in);
        NDArray off = Ops.cast(y, DataType.FLOAT32).sub(expected);
        assertThat(off.norm().getFloat()).isLessThan(0.02f * expected.norm().getFloat());
    }

    @Test
    void maskedWordsDoNotCount() throws IOException {
        PixArtTransformer2DModel model = load(Precision.FLOAT32);
        PixArtInput in = input();
        NDArray first = in.context().get("0:1, :4");
        NDArray mask = manager.ones(new Shape(1, 33));
        mask.set(new NDIndex(":, 4:"), 0);
        NDArray sample = in.sample().get("0:1");

        NDArray masked = model.forward(
                Pass.inference(), PixArtInput.of(sample, 500, in.context().get("0:1"), Optional.of(mask)));
        NDArray without = model.forward(Pass.inference(), PixArtInput.of(sample, 500, first, Optional.empty()));

        assertThat(masked.sub(without).abs().max().getFloat()).isLessThan(1e-5f);
    }

    @Test
    void holdsWhatEveryTransformerDoes() throws IOException {
        PixArtTransformer2DModel model = load(Precision.FLOAT32);
        PixArtInput in = input();
        new TinyModel(model, pass -> model.forward(pass, in), manager).check();
    }

    @Test
    void hasExactlyTheKeysAndShapesOfThePublishedModel() throws IOException {
        Manifest.check(
                "pixart-sigma-1024",
                610_856_096,
                json -> new PixArtTransformer2DModel(PixArtTransformer2DConfig.from(json)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'activation_fn': 'geglu'} | activation_fn is \"geglu\"; expected \"gelu-approximate\"",
                "{} | use_additional_conditions is true, or absent with a sample_size of 128; expected false",
                "{'sample_size': 64, 'norm_type': 'ada_norm'} | norm_type is \"ada_norm\"",
                "{'sample_size': 64, 'attention_head_dim': 71, 'num_attention_heads': 3} | attention_head_dim makes"
                        + " 213",
                "{'sample_size': 64, 'cross_attention_dim': 768} | cross_attention_dim is 768; expected 1152",
                "{'sample_size': 64, 'num_layers': 0} | num_layers is 0; expected a whole number, 1 to 256",
                "{'sample_size': 64, 'patch_size': 17} | patch_size is 17; expected a whole number, 1 to 16",
                "{'sample_size': 64, 'interpolation_scale': 0} | interpolation_scale is 0; expected a number, more"
                        + " than 0",
                "{'sample_size': 0} | sample_size is 0; expected a whole number, 1 to 512"
            })
    void refusesSettingsThatCannotBe(String settings, String message) {
        Manifest.refuses(PixArtTransformer2DConfig::from, settings, message);
    }

    @Test
    void refusesLatentsThatPatchesDoNotCover() throws IOException {
        PixArtTransformer2DModel model = load(Precision.FLOAT32);
        PixArtInput in = PixArtInput.of(
                manager.zeros(new Shape(1, 4, 9, 8)), 1, manager.zeros(new Shape(1, 2, 64)), Optional.empty());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> model.forward(Pass.inference(), in))
                .withMessage("latents are (1, 4, 9, 8); expected (N, C, H, W) with H and W multiples of 2");
    }

    private PixArtTransformer2DModel load(Precision precision) throws IOException {
        return PixArtTransformer2DModel.load(golden.transformer(), manager, precision);
    }

    private PixArtInput input() throws IOException {
        return new PixArtInput(
                golden.in("sample"),
                golden.in("timestep"),
                golden.in("encoder_hidden_states"),
                Optional.of(golden.in("encoder_attention_mask")));
    }
}
