package io.latent4j.unet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.google.gson.JsonParser;
import io.latent4j.core.config.Config;
import io.latent4j.core.nn.Pass;
import io.latent4j.core.nn.SinusoidalEmbedding;
import io.latent4j.core.ops.Ops;
import io.latent4j.core.random.TorchRandom;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class TimeEmbeddingTest {
    private static final int CHANNELS = 8;
    private static final int GUIDANCE = 6;

    @Test
    void addsTheGuidanceScaleToTheTimesWaves() {
        TimeEmbedding embedding = new TimeEmbedding(config(", \"time_cond_proj_dim\": " + GUIDANCE));
        try (NDManager manager = NDManager.newBaseManager()) {
            Map<String, NDArray> weights = load(embedding, manager);
            NDArray times = manager.create(new float[] {500});
            double scale = 1.02; // w = 0.02, a thousandfold 20
            double[] frequencies = {1, Math.pow(10_000, -0.5), Math.pow(10_000, -1)};
            float[] waves = new float[GUIDANCE];
            for (int i = 0; i < 3; i++) {
                waves[i] = (float) Math.sin(20 * frequencies[i]);
                waves[3 + i] = (float) Math.cos(20 * frequencies[i]);
            }

            NDArray temb = embedding.forward(Pass.inference(), input(times, OptionalDouble.of(scale)));

            NDArray told = manager.create(waves, new Shape(1, GUIDANCE))
                    .matMul(weights.get("time_embedding.cond_proj.weight").transpose());
            NDArray in = new SinusoidalEmbedding(CHANNELS, true, 0).of(times).add(told);
            NDArray h = Ops.silu(linear(in, weights, "time_embedding.linear_1"));
            float[] expected = linear(h, weights, "time_embedding.linear_2").toFloatArray();
            assertThat(temb.toFloatArray()).containsExactly(expected, within(1e-3f));
            assertThat(embedding
                            .forward(Pass.inference(), input(times, OptionalDouble.of(2)))
                            .sub(temb)
                            .abs()
                            .max()
                            .getFloat())
                    .isGreaterThan(0.1f);
        }
    }

    @Test
    void saysWhetherItIsToldTheGuidanceScale() {
        try (NDManager manager = NDManager.newBaseManager()) {
            TimeEmbedding told = new TimeEmbedding(config(", \"time_cond_proj_dim\": 6"));
            TimeEmbedding not = new TimeEmbedding(config(""));
            load(told, manager);
            load(not, manager);
            NDArray times = manager.create(new float[] {500});
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> told.forward(Pass.inference(), input(times, OptionalDouble.empty())))
                    .withMessage("this UNet takes the guidance scale (time_cond_proj_dim), but none was given");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> not.forward(Pass.inference(), input(times, OptionalDouble.of(7))))
                    .withMessage("this UNet takes no guidance scale, but one was given");
        }
    }

    /** The times stand in for sample and context, which are not embedded. */
    private static UNetInput input(NDArray times, OptionalDouble guidanceScale) {
        return UNetInput.of(times, times, times).withGuidanceScale(guidanceScale);
    }

    private static UNet2DConditionConfig config(String more) {
        String json = "{\"block_out_channels\": [8, 8, 8, 8], \"norm_num_groups\": 4" + more + "}";
        return UNet2DConditionConfig.from(
                Config.of("unet/config.json", JsonParser.parseString(json).getAsJsonObject()));
    }

    private static Map<String, NDArray> load(TimeEmbedding embedding, NDManager manager) {
        TorchRandom random = new TorchRandom(1);
        Map<String, NDArray> weights = new HashMap<>();
        embedding.shapes().forEach((key, shape) -> weights.put(key, random.normal(manager, shape)));
        embedding.load("random weights", embedding.shapes(), weights::get);
        return weights;
    }

    private static NDArray linear(NDArray x, Map<String, NDArray> weights, String name) {
        return x.matMul(weights.get(name + ".weight").transpose()).add(weights.get(name + ".bias"));
    }
}
