package io.latent4j.unet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.djl.ndarray.types.Shape;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.latent4j.core.config.Config;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Names and shapes only: no test here loads an engine. */
class UNet2DConditionModelKeysTest {
    private static final Path MANIFESTS = Path.of("src/test/resources/manifests");

    @ParameterizedTest
    @CsvSource({
        "sd15, 859520964",
        "sd15-inpaint, 859535364",
        "sd21, 865910724",
        "sdxl-base, 2567463684",
        "sdxl-refiner, 0"
    })
    void hasExactlyTheKeysAndShapesOfThePublishedModel(String model, long parameters) throws IOException {
        UNet2DConditionModel unet = new UNet2DConditionModel(
                UNet2DConditionConfig.from(Config.read(MANIFESTS.resolve(model).resolve("config.json"))));

        assertThat(unet.shapes()).isEqualTo(manifest(MANIFESTS.resolve(model).resolve("manifest.tsv")));
        if (parameters > 0) {
            assertThat(unet.parameterCount()).isEqualTo(parameters);
        }
    }

    @Test
    void refusesWhatItDoesNotImplementByNameAndValue() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> read("{\"act_fn\": \"mish\"}"))
                .withMessage("unet/config.json: act_fn is \"mish\"; expected \"silu\", nothing else is supported");
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> read(
                                "{\"down_block_types\": [\"DownBlock2D\", \"KDownBlock2D\", \"DownBlock2D\", \"DownBlock2D\"]}"))
                .withMessageContaining("unet/config.json: down_block_types has \"KDownBlock2D\"");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> read("{\"block_out_channels\": [320, 640]}"))
                .withMessageContaining("block_out_channels is [320,640]; expected a list of 4");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> read("{\"time_embedding_dim\": 256}"))
                .withMessageContaining(
                        "time_embedding_dim is 256; expected it absent or null, nothing else is supported");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'down_block_types': [], 'up_block_types': []} | down_block_types is an empty list",
                "{'block_out_channels': [320, 0, 1280, 1280]} | block_out_channels is [320,0,1280,1280]; expected 1 to 65536",
                "{'norm_num_groups': 0} | norm_num_groups is 0; expected 1 to 65536",
                "{'norm_num_groups': 7} | norm_num_groups is 7; expected a divisor of each",
                "{'attention_head_dim': 0} | attention_head_dim is 0; expected 1 to 65536",
                "{'attention_head_dim': 321} | attention_head_dim is 321 at level 0; expected at most 320",
                "{'layers_per_block': -1} | layers_per_block is -1; expected 1 to 32",
                "{'layers_per_block': 65536} | layers_per_block is 65536; expected 1 to 32",
                "{'transformer_layers_per_block': 1000000} | transformer_layers_per_block is 1000000; expected 1 to 32",
                "{'transformer_layers_per_block': 32, 'layers_per_block': 32} | transformer_layers_per_block makes about 8448",
                "{'block_out_channels': 1000000000} | block_out_channels is 1000000000; expected 1 to 65536",
                "{'norm_eps': NaN} | norm_eps is \"NaN\"; expected more than 0 and at most 1",
                "{'norm_eps': -1} | norm_eps is -1; expected more than 0 and at most 1",
                "{'time_cond_proj_dim': 2} | time_cond_proj_dim is 2; expected 4 to 65536",
                "{'sample_size': 2000000000} | sample_size is 2000000000; expected 0 to 512"
            },
            quoteCharacter = '`')
    void refusesSizesThatCannotBe(String json, String message) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> UNet2DConditionConfig.from(Config.of(
                        "unet/config.json",
                        JsonParser.parseString(json.replace('\'', '"')).getAsJsonObject())))
                .withMessageStartingWith("unet/config.json: " + message);
    }

    @Test
    void headsMayLeaveChannelsOver() {
        Map<String, Shape> shapes = new UNet2DConditionModel(
                        read("{\"block_out_channels\": [36, 36, 36, 36], \"norm_num_groups\": 4,"
                                + " \"cross_attention_dim\": 12}"))
                .shapes(); // 8 heads of 4 channels, 32 in all

        String attention = "mid_block.attentions.0.";
        assertThat(shapes)
                .containsEntry(attention + "norm.weight", new Shape(36))
                .containsEntry(attention + "proj_in.weight", new Shape(32, 36, 1, 1))
                .containsEntry(attention + "transformer_blocks.0.attn2.to_k.weight", new Shape(32, 12))
                .containsEntry(attention + "transformer_blocks.0.attn2.to_out.0.weight", new Shape(32, 32))
                .containsEntry(attention + "proj_out.weight", new Shape(36, 32, 1, 1));
    }

    @Test
    void reportsEveryBadKeyAtOnce() {
        UNet2DConditionModel unet = new UNet2DConditionModel(read("{\"block_out_channels\": [32, 32, 32, 32]}"));
        Map<String, Shape> found = unet.shapes();
        found.remove("conv_in.bias");
        found.put("conv_out.bias", new Shape(5));
        found.put("model_ema.decay", new Shape());

        assertThatIllegalArgumentException()
                .isThrownBy(() -> unet.load("unet.safetensors", found, key -> {
                    throw new AssertionError("read " + key);
                }))
                .withMessageStartingWith("unet.safetensors does not fit UNet2DConditionModel (3 keys): ")
                .withMessageContaining("missing conv_in.bias (32)")
                .withMessageContaining("conv_out.bias is (5), expected (4)")
                .withMessageContaining("unexpected model_ema.decay");
    }

    private static UNet2DConditionConfig read(String json) {
        JsonObject object = JsonParser.parseString(json).getAsJsonObject();
        return UNet2DConditionConfig.from(Config.of("unet/config.json", object));
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
                Arrays.stream(commas.split(",", -1)).mapToLong(Long::parseLong).toArray());
    }
}
