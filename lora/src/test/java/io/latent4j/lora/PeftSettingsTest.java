package io.latent4j.lora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PeftSettingsTest {
    private static final Path FILE = Path.of("ink.safetensors");

    private static PeftSettings of(String json) throws IOException {
        return PeftSettings.of(FILE, Map.of(PeftSettings.METADATA, json));
    }

    /** Expected is what {@code re.match(r"(.*\\.)?(KEY)$", name)} of Python says, the first that fits. */
    @ParameterizedTest
    @CsvSource({
        "unet.down.0.attn2.to_k, .*attn2.to_k, 16",
        "unet.down.0.attn1.to_k, .*attn2.to_k, 4",
        "unet.down.0.attn2.to_k, to_k, 16",
        "unet.down.0.attn2.to_k, o_k, 4",
        "unet.down.0.attn2.to_k, attn2.to, 4",
        "unet.down.0.attn2.to_k, attn2_to_k, 4",
        "unet.down.0.attn2_to_k, attn2.to_k, 16",
        "unet.down.0.attn2.to_k, ^down.0.attn2.to_k, 16",
        "unet.down.0.attn2.to_k, ^attn2.to_k, 4",
        "unet.down.0.attn2.to_k, attn[12]\\.to_(k|v), 16",
        "unet.down.0.attn2.to_k, to_k|to_v, 16",
        "unet.base_model.model.down.0.to_k, ^down.0.to_k, 16",
        "unet.to_k, to_k, 16",
        "text_encoder.to_k, to_k, 1",
    })
    void patternsFitAsInPeft(String layer, String pattern, double alpha) throws IOException {
        JsonObject patterns = new JsonObject();
        patterns.addProperty(pattern, 16);
        JsonObject json = new JsonObject();
        json.addProperty("unet.lora_alpha", 4);
        json.addProperty("text_encoder.lora_alpha", 1);
        json.add("unet.alpha_pattern", patterns);
        assertThat(of(json.toString()).alpha(layer)).hasValue(alpha);
    }

    @ParameterizedTest
    @CsvSource({
        "'{\"to_k\": 1, \".*attn2.to_k\": 2, \"attn2.to_k\": 3}', 1",
        "'{\".*attn2.to_k\": 2, \"to_k\": 1}', 2",
        "'{\"to_v\": 7, \"attn2.to_k\": 3, \"to_k\": 1}', 3",
        "'{\"[\": 7}', ",
    })
    void theFirstPatternThatFitsCounts(String patterns, Double alpha) throws IOException {
        PeftSettings settings = of("{\"alpha_pattern\": " + patterns + "}");
        if (alpha == null) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> settings.alpha("down.0.attn2.to_k"))
                    .withMessageContaining("ink.safetensors: lora_adapter_metadata: alpha_pattern has the pattern [");
        } else {
            assertThat(settings.alpha("down.0.attn2.to_k")).hasValue(alpha);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"(a)\\\\1", "(?=a)b", "(?<!a)b", "((a{50}){50}){50}", "a{99999}"})
    void refusesPatternsWhoseWorkHasNoBound(String pattern) throws IOException {
        PeftSettings settings = of("{\"alpha_pattern\": {\"" + pattern + "\": 1}}");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> settings.alpha("a"))
                .withMessageContaining("alpha_pattern has the pattern")
                .withMessageContaining("; expected ");
    }

    /** Python's own engine takes years for it. */
    @Test
    void aCatastrophicPatternIsOneOfMany() throws IOException {
        PeftSettings settings = of("{\"alpha_pattern\": {\"(a|a)*(a*)*b\": 1}, \"lora_alpha\": 2}");
        assertThat(settings.alpha("a".repeat(2000))).hasValue(2);
    }

    @Test
    void refusesWorkBeyondTheBudget() throws IOException {
        JsonObject patterns = new JsonObject();
        for (int i = 0; i < 1000; i++) {
            patterns.addProperty("(a|b)*c" + i, 1);
        }
        JsonObject json = new JsonObject();
        json.add("alpha_pattern", patterns);
        PeftSettings settings = of(json.toString());
        String name = "a".repeat(50_000);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> settings.alpha(name))
                .withMessageContaining("which take too long to try");
    }
}
