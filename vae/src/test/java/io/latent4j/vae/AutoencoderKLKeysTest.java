package io.latent4j.vae;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.djl.ndarray.types.Shape;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.latent4j.core.config.Config;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Names and shapes only: no test here loads an engine. */
class AutoencoderKLKeysTest {
    private static final Path MANIFESTS = Path.of("src/test/resources/manifests");

    @ParameterizedTest
    @ValueSource(strings = {"sd15", "sd21", "sdxl-base"})
    void hasExactlyTheKeysAndShapesOfThePublishedModel(String model) throws IOException {
        AutoencoderKL vae = new AutoencoderKL(
                AutoencoderKLConfig.from(Config.read(MANIFESTS.resolve(model).resolve("config.json"))));

        assertThat(vae.shapes()).isEqualTo(manifest(MANIFESTS.resolve(model).resolve("manifest.tsv")));
        assertThat(vae.parameterCount()).isEqualTo(83_653_863);
        assertThat(vae.config().downscale()).isEqualTo(8);
    }

    /** That of Stable Diffusion 3 has the same. */
    @Test
    void hasThoseOfSixteenChannelsAndAShift() throws IOException {
        Path folder = MANIFESTS.resolve("flux1-dev");
        AutoencoderKL vae = new AutoencoderKL(AutoencoderKLConfig.from(Config.read(folder.resolve("config.json"))));

        assertThat(vae.shapes()).isEqualTo(manifest(folder.resolve("manifest.tsv")));
        assertThat(vae.parameterCount()).isEqualTo(83_819_683);
        assertThat(vae.config().latentChannels()).isEqualTo(16);
        assertThat(vae.config().shiftFactor()).isEqualTo(0.1159);
    }

    @Test
    void hasThoseOfPatchesWithStatistics() throws IOException {
        Path folder = MANIFESTS.resolve("flux2-klein-4b");
        Autoencoder vae = Autoencoder.of(Config.read(folder.resolve("config.json")));
        Map<String, Shape> stored = new HashMap<>(manifest(folder.resolve("manifest.tsv")));
        stored.keySet().removeIf(key -> vae.keyOf(key).isEmpty());

        assertThat(vae.block().shapes()).isEqualTo(stored);
        assertThat(stored).hasSize(250).containsKey("bn.running_var");
        assertThat(vae.config().latentChannels()).isEqualTo(128);
        assertThat(vae.config().downscale()).isEqualTo(16);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'patch_size': [4, 4]} | patch_size is [4, 4]; only [2, 2] is supported",
                "{'batch_norm_eps': 0} | batch_norm_eps is 0.0; expected more than 0 and less than 1",
                "{'scaling_factor': 2} | scaling_factor is 2; expected it absent or null, nothing else is supported"
            })
    void refusesPatchesOfOtherKinds(String json, String message) {
        JsonObject config = JsonParser.parseString(json).getAsJsonObject();
        config.addProperty("_class_name", "AutoencoderKLFlux2");

        assertThatIllegalArgumentException()
                .isThrownBy(() -> Autoencoder.of(Config.of("vae/config.json", config)))
                .withMessage("vae/config.json: " + message);
    }

    @Test
    void refusesWhatItDoesNotImplementByNameAndValue() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> AutoencoderKLConfig.from(Config.of(
                        "vae/config.json",
                        JsonParser.parseString("{\"latents_mean\": [0.1]}").getAsJsonObject())))
                .withMessage("vae/config.json: latents_mean is [0.1]; expected it absent or null, nothing else is"
                        + " supported");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'block_out_channels': []} | block_out_channels is []; expected 1 to 65536",
                "{'norm_num_groups': 0} | norm_num_groups is 0; expected 1 to 65536",
                "{'norm_num_groups': 7} | block_out_channels is [64]; expected at most 8 multiples of norm_num_groups,"
                        + " 7",
                "{'layers_per_block': -1} | layers_per_block is -1; expected 1 to 32",
                "{'layers_per_block': 65536} | layers_per_block is 65536; expected 1 to 32",
                "{'scaling_factor': 0} | scaling_factor is 0.0; expected more than 0",
                "{'shift_factor': Infinity} | shift_factor is Infinity; expected a finite number",
                "{'scaling_factor': NaN} | scaling_factor is NaN; expected more than 0"
            },
            quoteCharacter = '`')
    void refusesSizesThatCannotBe(String json, String message) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> AutoencoderKLConfig.from(Config.of(
                        "vae/config.json",
                        JsonParser.parseString(json.replace('\'', '"')).getAsJsonObject())))
                .withMessage("vae/config.json: " + message);
    }

    @Test
    void showsTheBeginningOfALongList() {
        JsonObject json = new JsonObject();
        JsonArray types = new JsonArray();
        Collections.nCopies(1000, "DownEncoderBlock2D").forEach(types::add);
        json.add("down_block_types", types);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> AutoencoderKLConfig.from(Config.of("vae/config.json", json)))
                .withMessageContaining("DownEncoderBlock2D and 990 more]; only 1 time \"DownEncoderBlock2D\"");
    }

    @Test
    void knowsTheFormerNamesOfAttention() {
        assertThat(AutoencoderKL.currentKey("decoder.mid_block.attentions.0.query.weight"))
                .isEqualTo("decoder.mid_block.attentions.0.to_q.weight");
        assertThat(AutoencoderKL.currentKey("encoder.mid_block.attentions.0.proj_attn.bias"))
                .isEqualTo("encoder.mid_block.attentions.0.to_out.0.bias");
        assertThat(AutoencoderKL.currentKey("decoder.conv_in.weight")).isEqualTo("decoder.conv_in.weight");
    }

    private static Map<String, Shape> manifest(Path file) throws IOException {
        try (Stream<String> lines = Files.lines(file)) {
            return lines.skip(1)
                    .map(line -> line.split("\t", -1))
                    .collect(Collectors.toMap(row -> row[0], row -> shape(row[1])));
        }
    }

    private static Shape shape(String commas) {
        return new Shape(
                commas.isEmpty()
                        ? new long[0]
                        : Arrays.stream(commas.split(",", -1))
                                .mapToLong(Long::parseLong)
                                .toArray());
    }
}
