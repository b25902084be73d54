package io.latent4j.core.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfigTest {

    private static final Config CONFIG = config("""
            {
              "count": 4, "whole": 4.0, "half": 0.5, "big": 4294967296, "text": "silu", "quoted": "4", "on": true,
              "null": null, "list": [1, 2, 3], "words": ["a", "b"], "mixed": [1, "b"], "fraction": [1.5],
              "flags": [true, false], "infinite": -Infinity, "nan": NaN, "nested": {"rank": 8}
            }""");

    @TempDir
    Path folder;

    @Test
    void refusesAFileTooLargeForSettings(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("config.json");
        Files.writeString(file, "{\"a\": \"" + "x".repeat(9 << 20) + "\"}");
        assertThatIOException().isThrownBy(() -> Config.read(file)).withMessageContaining("expected at most 8388608");
    }

    @Test
    void presentValuesAreRead() {
        assertThat(CONFIG.integer("count")).isEqualTo(4);
        assertThat(CONFIG.integer("whole", 1)).isEqualTo(4);
        assertThat(CONFIG.real("half")).isEqualTo(0.5);
        assertThat(CONFIG.real("count", 1)).isEqualTo(4);
        assertThat(CONFIG.real("infinite")).isEqualTo(Double.NEGATIVE_INFINITY);
        assertThat(CONFIG.real("nan")).isNaN();
        assertThat(CONFIG.text("text")).isEqualTo("silu");
        assertThat(CONFIG.flag("on")).isTrue();
        assertThat(CONFIG.flag("on", false)).isTrue();
        assertThat(CONFIG.integers("list")).containsExactly(1, 2, 3);
        assertThat(CONFIG.reals("fraction")).containsExactly(1.5);
        assertThat(CONFIG.texts("words")).containsExactly("a", "b");
        assertThat(CONFIG.isList("list")).isTrue();
        assertThat(CONFIG.isList("count")).isFalse();
        assertThat(CONFIG.keys()).startsWith("count", "whole").contains("null").hasSize(16);
    }

    @Test
    void absentAndNullValuesTakeTheDefault() {
        for (String key : List.of("none", "null")) {
            assertThat(CONFIG.has(key)).isFalse();
            assertThat(CONFIG.integer(key, 7)).isEqualTo(7);
            assertThat(CONFIG.real(key, 0.25)).isEqualTo(0.25);
            assertThat(CONFIG.flag(key, true)).isTrue();
            assertThat(CONFIG.text(key, "x")).isEqualTo("x");
            assertThat(CONFIG.text(key, null)).isNull();
            assertThat(CONFIG.texts(key, List.of("x"))).containsExactly("x");
            assertThat(CONFIG.integers(key, 2, 7)).containsExactly(7, 7);
            assertThat(CONFIG.object(key)).isEmpty();
        }
    }

    @Test
    void oneValueStandsForAsManyAsThereAreLevels() {
        assertThat(CONFIG.integers("count", 3, 0)).containsExactly(4, 4, 4);
        assertThat(CONFIG.integers("list", 3, 0)).containsExactly(1, 2, 3);
        assertThat(CONFIG.flags("on", 2, false)).containsExactly(true, true);
        assertThat(CONFIG.flags("flags", 2, false)).containsExactly(true, false);
        assertRefused(config -> config.integers("list", 4, 0), "list is [1,2,3]; expected a list of 4");
    }

    @Test
    void aMissingValueWithoutDefaultIsRefused() {
        assertRefused(config -> config.integer("none"), "none is missing; expected a value");
        assertRefused(config -> config.text("null"), "null is missing; expected a value");
        assertRefused(config -> config.texts("none"), "none is missing; expected a value");
    }

    @Test
    void valuesOfTheWrongKindAreRefused() {
        assertRefused(config -> config.integer("half", 1), "half is 0.5; expected a whole number of 32 bits");
        assertRefused(config -> config.integer("big"), "big is 4294967296; expected a whole number of 32 bits");
        assertRefused(config -> config.integer("quoted", 1), "quoted is \"4\"; expected a whole number");
        assertRefused(config -> config.integer("on", 1), "on is true; expected a whole number");
        assertRefused(config -> config.integer("list", 1), "list is [1,2,3]; expected a whole number");
        assertRefused(config -> config.real("text", 1), "text is \"silu\"; expected a number");
        assertRefused(config -> config.real("on"), "on is true; expected a number");
        assertRefused(config -> config.flag("count", true), "count is 4; expected true or false");
        assertRefused(config -> config.text("count", "x"), "count is 4; expected a string");
        assertRefused(config -> config.texts("text"), "text is \"silu\"; expected a list");
        assertRefused(config -> config.texts("mixed"), "mixed is 1; expected a string");
        assertRefused(config -> config.integers("fraction"), "fraction is 1.5; expected a whole number");
        assertRefused(config -> config.object("count"), "count is 4; expected an object");
    }

    @Test
    void settingsThatAreNotImplementedAreRefused() {
        CONFIG.require("text", "silu");
        CONFIG.require("none", "silu");
        CONFIG.require("on", true);
        CONFIG.require("count", 4);
        CONFIG.requireAbsent("null");
        assertRefused(config -> require(config, "gelu"), "text is \"silu\"; expected \"gelu\", nothing else is");
        assertRefused(
                config -> {
                    config.require("on", false);
                    return null;
                },
                "on is true; expected false");
        assertRefused(
                config -> {
                    config.require("count", 5);
                    return null;
                },
                "count is 4; expected 5");
        assertRefused(
                config -> {
                    config.requireAbsent("text");
                    return null;
                },
                "text is \"silu\"; expected it absent or null");
    }

    @Test
    void nestedObjectsAreNamedAfterTheirKey() {
        Config nested = CONFIG.object("nested").orElseThrow();
        assertThat(nested.integer("rank")).isEqualTo(8);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> nested.text("rank"))
                .withMessage("unet/config.json: nested: rank is 8; expected a string");
    }

    @Test
    void laterChangesOfAnObjectInMemoryDoNotMatter() {
        JsonObject json = new JsonObject();
        json.addProperty("a", 1);
        Config config = Config.of("made here", json);
        json.addProperty("a", 2);
        assertThat(config.integer("a")).isEqualTo(1);
        assertThat(config.name()).isEqualTo("made here");
    }

    @Test
    void aFileIsReadAndNamed() throws IOException {
        Path file = Files.writeString(folder.resolve("config.json"), "{\"a\": \"x\", \"b\": -Infinity}");
        Config config = Config.read(file);
        assertThat(config.real("b")).isEqualTo(Double.NEGATIVE_INFINITY);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> config.integer("a"))
                .withMessage(file + ": a is \"x\"; expected a whole number");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            ``        | is empty
            []        | is a JSON list
            3         | is a single JSON value
            {         | is not JSON in UTF-8: End of input at line 1 column 2 path $.; expected a JSON object; check the file
            {"a" 1}   | is not JSON
            {"a": }   | is not JSON
            {} {}     | goes on after its JSON object
            """)
    void aFileThatIsNotOneObjectIsRefused(String text, String what) throws IOException {
        Path file = Files.writeString(folder.resolve("config.json"), text);
        assertThatThrownBy(() -> Config.read(file))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith(file + ": " + what)
                .hasMessageContaining("; expected ");
    }

    @Test
    void bytesThatAreNotTextAndMissingFilesAreRefused() throws IOException {
        Path file = Files.write(folder.resolve("config.json"), new byte[] {'{', '"', (byte) 0xff, '"', ':', '1', '}'});
        assertThatThrownBy(() -> Config.read(file))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("is not JSON in UTF-8");
        assertThatThrownBy(() -> Config.read(folder.resolve("none.json")))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("none.json: does not exist");
    }

    @Test
    void keysThatNothingReadAreRefusedWithTheNearest() {
        Config config = config("{\"widths\": [1], \"laiers\": 2, \"_notes\": 3, \"dropout\": 0, \"drpout\": 0}");
        config.integers("widths");
        config.integer("layers", 1);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> config.refuseTheRest(List.of("dropout")))
                .withMessage("unet/config.json: laiers is no key here, the nearest is \"layers\";"
                        + " drpout is no key here, the nearest is \"dropout\"");
        config.has("laiers");
        config.isNull("drpout");
        config.refuseTheRest(List.of("dropout"));
    }

    private static Object require(Config config, String only) {
        config.require("text", only);
        return null;
    }

    private static void assertRefused(Function<Config, Object> read, String message) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> read.apply(CONFIG))
                .withMessageStartingWith("unet/config.json: " + message);
    }

    private static Config config(String json) {
        return Config.of("unet/config.json", JsonParser.parseString(json).getAsJsonObject());
    }
}
