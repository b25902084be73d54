package io.latent4j.vae;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.google.gson.JsonParser;
import io.latent4j.core.config.Config;
import io.latent4j.core.nn.Pass;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** There are no numbers of the published weights here: keys, shapes, and cases that can be worked out by hand. */
class AutoencoderTinyTest {

    /** As TAESD was published: convolutions and blocks of three, places of layers without weights counted. */
    @Test
    void hasTheKeysAndShapesOfThePublishedModel() {
        Map<String, Shape> expected = new TreeMap<>();
        conv(expected, "encoder.layers.0", 64, 3, true);
        block(expected, "encoder.layers.1");
        for (int level : new int[] {2, 6, 10}) {
            conv(expected, "encoder.layers." + level, 64, 64, false);
            for (int i = 1; i <= 3; i++) {
                block(expected, "encoder.layers." + (level + i));
            }
        }
        conv(expected, "encoder.layers.14", 4, 64, true);
        conv(expected, "decoder.layers.0", 64, 4, true);
        for (int level : new int[] {2, 7, 12}) {
            for (int i = 0; i < 3; i++) {
                block(expected, "decoder.layers." + (level + i));
            }
            conv(expected, "decoder.layers." + (level + 4), 64, 64, false);
        }
        block(expected, "decoder.layers.17");
        conv(expected, "decoder.layers.18", 3, 64, true);

        AutoencoderTiny vae = new AutoencoderTiny(config("{}"));

        assertThat(new TreeMap<>(vae.shapes())).isEqualTo(expected);
        assertThat(vae.config().downscale()).isEqualTo(8);
        assertThat(vae.config().scalingFactor()).isEqualTo(1);
        assertThat(vae.parameterCount()).isEqualTo(2_445_063);
    }

    private static void conv(Map<String, Shape> shapes, String name, long out, long in, boolean bias) {
        shapes.put(name + ".weight", new Shape(out, in, 3, 3));
        if (bias) {
            shapes.put(name + ".bias", new Shape(out));
        }
    }

    private static void block(Map<String, Shape> shapes, String name) {
        for (int i : new int[] {0, 2, 4}) {
            conv(shapes, name + ".conv." + i, 64, 64, true);
        }
    }

    /** One channel, one level, weights of 0 but for the middle of a kernel: all can be done by hand. */
    @Test
    void decodesByTheFormula() {
        try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
            AutoencoderTiny vae = new AutoencoderTiny(new AutoencoderTinyConfig(1, 1, 1, List.of(), List.of(1), 1));
            vae.load(
                    "by hand",
                    vae.shapes(),
                    key -> values(manager, key, vae.shapes().get(key)));
            NDArray latents = manager.create(new float[] {-6, 0, 1, 30}, new Shape(1, 1, 2, 2));

            float[] images = vae.decode(Pass.inference(), latents).toFloatArray();

            for (int i = 0; i < 4; i++) {
                double bent = 3 * Math.tanh(new double[] {-6, 0, 1, 30}[i] / 3);
                double h = Math.max(0.5 * bent + 0.25, 0); // conv 0, relu
                double deeper = 0.5 * (0.5 * (0.5 * h + 0.25) + 0.25) + 0.25; // all above 0, so relu changes nothing
                double seen = 0.5 * Math.max(deeper + h, 0) + 0.25; // relu, last conv
                assertThat((double) images[i]).isCloseTo(2 * seen - 1, within(1e-6));
            }
        }
    }

    @Test
    void encodesFromZeroToOneWithCertainty() {
        try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
            AutoencoderTiny vae =
                    new AutoencoderTiny(new AutoencoderTinyConfig(1, 1, 1, List.of(1, 1), List.of(1, 1), 1));
            vae.load(
                    "by hand",
                    vae.shapes(),
                    key -> values(manager, key, vae.shapes().get(key)));
            NDArray images = manager.create(new float[] {-1, 9, 1, 9, 9, 9, 9, 9}, new Shape(1, 1, 2, 4));

            DiagonalGaussian latents = vae.encode(Pass.inference(), images);

            assertThat(latents.mean().getShape()).isEqualTo(new Shape(1, 1, 1, 2));
            for (int i = 0; i < 2; i++) { // a kernel of one pixel with stride 2 takes every other
                double x = 0.5 * i + 0.25; // conv 0 of the pixel, 0 or 1
                double first = x + 0.5 * (0.5 * (0.5 * x + 0.25) + 0.25) + 0.25;
                double halved = 0.5 * first; // without a bias
                double second = halved + 0.5 * (0.5 * (0.5 * halved + 0.25) + 0.25) + 0.25;
                assertThat((double) latents.mean().toFloatArray()[i]).isCloseTo(0.5 * second + 0.25, within(1e-6));
            }
            NDArray noise = manager.ones(latents.mean().getShape());
            assertThat(latents.sample(noise).sub(latents.mode()).abs().max().getFloat())
                    .isLessThan(1e-6f);
        }
    }

    /** A half in the middle of every kernel, a quarter in every bias. */
    private static NDArray values(NDManager manager, String key, Shape shape) {
        if (key.endsWith("bias")) {
            return manager.ones(shape).mul(0.25);
        }
        return manager.create(new float[] {0, 0, 0, 0, 0.5f, 0, 0, 0, 0}, shape);
    }

    @Test
    void aDecoderAloneSaysSo() {
        try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
            AutoencoderTiny vae = new AutoencoderTiny(config("{'num_encoder_blocks': []}"));

            assertThat(vae.shapes().keySet()).allMatch(key -> key.startsWith("decoder."));
            assertThatIllegalStateException()
                    .isThrownBy(() -> vae.encode(Pass.inference(), manager.zeros(new Shape(1, 3, 8, 8))))
                    .withMessageContaining("only decodes");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'act_fn': 'silu'} | act_fn is \"silu\"",
                "{'shift_factor': 0.5} | shift_factor is 0.5; only 0 is supported",
                "{'encoder_block_out_channels': [64, 64, 32, 64]} | only one width, 4 times, is supported",
                "{'num_decoder_blocks': [3, 1]} | expected as many levels as in num_encoder_blocks",
                "{'scaling_factor': 0} | scaling_factor is 0.0; expected more than 0"
            })
    void refusesWhatItDoesNotImplement(String json, String message) {
        assertThatIllegalArgumentException().isThrownBy(() -> config(json)).withMessageContaining(message);
    }

    private static AutoencoderTinyConfig config(String json) {
        return AutoencoderTinyConfig.from(
                Config.of("vae/config.json", JsonParser.parseString(json).getAsJsonObject()));
    }
}
