package io.latent4j.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.latent4j.spring.Latent4jImageOptions;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.lang.reflect.RecordComponent;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What editors show of the settings. */
class SettingsMetadataTest {
    private static final Map<String, JsonObject> SETTINGS = new HashMap<>();

    @BeforeAll
    static void read() throws IOException {
        Class<?> type = Latent4jProperties.class;
        try (InputStream in = type.getResourceAsStream("/META-INF/spring-configuration-metadata.json")) {
            assertThat(in).as("written by the compiler's plugin").isNotNull();
            JsonObject all = JsonParser.parseReader(new InputStreamReader(in, StandardCharsets.UTF_8))
                    .getAsJsonObject();
            for (JsonElement setting : all.getAsJsonArray("properties")) {
                SETTINGS.put(setting.getAsJsonObject().get("name").getAsString(), setting.getAsJsonObject());
            }
        }
    }

    @Test
    void everySettingHasADescription() {
        List<String> names = new ArrayList<>(names(Latent4jProperties.PREFIX, Latent4jProperties.class));
        names.addAll(names(Latent4jImageProperties.PREFIX + ".options", Latent4jImageOptions.class));

        assertThat(SETTINGS).containsOnlyKeys(names);
        assertThat(SETTINGS.values())
                .allSatisfy(setting ->
                        assertThat(setting.get("description").getAsString()).isNotBlank());
    }

    private static List<String> names(String prefix, Class<?> type) {
        List<String> names = new ArrayList<>();
        for (RecordComponent component : type.getRecordComponents()) {
            names.add(prefix + "."
                    + component.getName().replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT));
        }
        return names;
    }

    @Test
    void defaultsAreThere() {
        assertThat(SETTINGS.get("spring.ai.latent4j.device").get("defaultValue").getAsString())
                .isEqualTo("auto");
        assertThat(SETTINGS.get("spring.ai.latent4j.most-waiting")
                        .get("defaultValue")
                        .getAsInt())
                .isEqualTo(16);
    }
}
