package io.latent4j.spring;

import static org.assertj.core.api.Assertions.assertThat;

import io.latent4j.core.docs.JavaBlocks;
import io.latent4j.pipeline.model.EmbeddedModel;
import io.latent4j.spring.autoconfigure.Latent4jImageAutoConfiguration;
import io.latent4j.spring.autoconfigure.Latent4jProperties;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.springframework.ai.image.Image;
import org.springframework.ai.image.ImageMessage;
import org.springframework.ai.image.ImageModel;
import org.springframework.ai.image.ImagePrompt;
import org.springframework.ai.image.ImageResponse;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

/** The code and the settings of docs/spring.md. */
class SpringPageTest {
    private static final Path PAGE = Path.of("..", "docs", "spring.md");
    private static final String MODEL = "spring.ai.latent4j.models.photos";
    private static final Pattern YAML = Pattern.compile("(?s)```yaml\\n(.*?)```");

    @TestFactory
    List<DynamicTest> everyJavaBlockOfThePageIsInThisFile() throws IOException {
        return JavaBlocks.standIn(Path.of("src/test/java/io/latent4j/spring/SpringPageTest.java"), 1, List.of(PAGE));
    }

    /** The settings of the page, by their whole keys. */
    private static Map<String, String> settings() throws IOException {
        Matcher yaml = YAML.matcher(Files.readString(PAGE));
        assertThat(yaml.find()).isTrue();
        Map<String, String> settings = new TreeMap<>();
        flatten("", new Load(LoadSettings.builder().build()).loadFromString(yaml.group(1)), settings);
        return settings;
    }

    private static void flatten(String key, Object value, Map<String, String> settings) {
        if (value instanceof Map<?, ?> map) {
            map.forEach((name, each) -> flatten(key.isEmpty() ? "" + name : key + "." + name, each, settings));
        } else {
            settings.put(key, value.toString());
        }
    }

    @Test
    void runsTheExampleWithTheSettings() throws IOException {
        try (EmbeddedModel model = EmbeddedModel.unpack()) {
            Map<String, String> settings = settings();
            assertThat(settings).containsKey(MODEL);
            settings.put(MODEL, model.folder().toString());
            new ApplicationContextRunner()
                    .withConfiguration(AutoConfigurations.of(Latent4jImageAutoConfiguration.class))
                    .withPropertyValues(settings.entrySet().stream()
                            .map(setting -> setting.getKey() + "=" + setting.getValue())
                            .toArray(String[]::new))
                    .run(context -> runTheExample(context.getBean(ImageModel.class)));
        }
    }

    private static void runTheExample(ImageModel images) {
        // docs/spring.md
        ImageResponse response = images.call(new ImagePrompt(
                List.of(new ImageMessage("a red circle"), new ImageMessage("text", -1f)),
                Latent4jImageOptions.builder().steps(4).seed(7L).build()));
        Image image = response.getResult().getOutput();
        byte[] png = Base64.getDecoder().decode(image.getB64Json());
        // end
        assertThat(new String(png, StandardCharsets.ISO_8859_1))
                .contains("a red circle", "Negative prompt: frames, text", "Seed: 7", "CFG scale: 4.5");
    }

    @Test
    void namesSettingsThatThereAre() throws IOException {
        Class<?> general = Latent4jProperties.class;
        List<String> known = Stream.concat(
                        names("spring.ai.latent4j.", general),
                        names("spring.ai.latent4j.image.options.", Latent4jImageOptions.class))
                .toList();

        assertThat(settings().keySet())
                .hasSizeGreaterThan(10)
                .allMatch(key -> key.equals("spring.ai.model.image")
                        || known.contains(key)
                        || key.startsWith("spring.ai.latent4j.models."));
        String page = Files.readString(PAGE);
        assertThat(names("", general)).allMatch(name -> page.contains("`" + name));
        assertThat(Arrays.stream(Latent4jImageOptions.class.getRecordComponents()))
                .allMatch(option -> page.contains("`" + option.getName() + "`"));
    }

    private static Stream<String> names(String prefix, Class<?> type) {
        return Arrays.stream(type.getRecordComponents())
                .map(component -> prefix
                        + component.getName().replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT));
    }
}
