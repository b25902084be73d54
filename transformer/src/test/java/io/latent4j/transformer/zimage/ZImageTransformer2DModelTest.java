package io.latent4j.transformer.zimage;

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
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ZImageTransformer2DModelTest {
    private static final String CASE = "zimage_tper_b2_8x12"; // captions of 40 and 7 words

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
    void captionsOfOneFilledLengthGoTogether() throws IOException {
        ZImageTransformer2DModel model = load(Precision.FLOAT32);
        NDArray words = golden.in("cap_feats.0");
        NDArray sample = golden.in("sample");
        List<NDArray> captions = List.of(words.get(":9"), words.get("9:20"));
        NDArray times = golden.in("timestep");

        NDArray both = model.forward(Pass.inference(), new ZImageInput(sample, times, captions));

        for (int i = 0; i < 2; i++) {
            String own = i + ":" + (i + 1);
            ZImageInput one = new ZImageInput(sample.get(own), times.get(own), List.of(captions.get(i)));
            NDArray off = model.forward(Pass.inference(), one).sub(both.get(own));
            assertThat(off.abs().max().getFloat()).isLessThan(1e-5f);
        }
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
        ZImageTransformer2DModel model = load(Precision.FLOAT32);
        ZImageInput in = input(DataType.FLOAT32);
        ZImageInput first = new ZImageInput(
                in.sample().get(":1"),
                in.timesteps().get(":1"),
                in.captions().subList(0, 1)); // all captions are of one length
        new TinyModel(model, pass -> model.forward(pass, first), manager).check();
    }

    @Test
    void gradientsReachBothLengthsOfCaptions() throws IOException {
        ZImageTransformer2DModel model = load(Precision.FLOAT32);
        ZImageInput in = input(DataType.FLOAT32);
        new TinyModel(model, pass -> model.forward(pass, in), manager).checkGradients();
    }

    @Test
    void hasExactlyTheKeysAndShapesOfThePublishedModel() throws IOException {
        Manifest.check(
                "z-image-turbo",
                6_154_908_736L,
                json -> new ZImageTransformer2DModel(ZImageTransformer2DConfig.from(json)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'qk_norm': false} | qk_norm is false; expected true",
                "{'siglip_feat_dim': 1152} | siglip_feat_dim is 1152; expected it absent",
                "{'all_f_patch_size': [1, 2]} | all_f_patch_size is [1, 2]; expected [1]",
                "{'all_patch_size': [2, 4]} | all_patch_size is [2,4]; expected a list of 1",
                "{'n_kv_heads': 10} | n_kv_heads is 10; expected 30",
                "{'n_heads': 7, 'n_kv_heads': 7} | n_heads is 7; expected a divisor of dim, 3840",
                "{'axes_dims': [32, 48, 50]} | axes_dims is [32, 48, 50]; expected even numbers whose sum is 128"
            })
    void refusesSettingsThatCannotBe(String settings, String message) {
        Manifest.refuses(ZImageTransformer2DConfig::from, settings, message);
    }

    @Test
    void needsACaptionForEachSample() {
        NDArray sample = manager.zeros(new Shape(2, 16, 4, 4));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ZImageInput.of(sample, 0, List.of(manager.zeros(new Shape(3, 40)))))
                .withMessage("there are 1 captions and 2 samples; expected one each");
        NDArray empty = manager.zeros(new Shape(0, 40));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ZImageInput.of(sample, 0, List.of(empty, empty)))
                .withMessageStartingWith("a caption has no words");
    }

    private ZImageTransformer2DModel load(Precision precision) throws IOException {
        return ZImageTransformer2DModel.load(golden.transformer(), manager, precision);
    }

    private ZImageInput input(DataType type) throws IOException {
        return new ZImageInput(
                Ops.cast(golden.in("sample"), type),
                golden.in("timestep"),
                List.of(Ops.cast(golden.in("cap_feats.0"), type), Ops.cast(golden.in("cap_feats.1"), type)));
    }
}
