package io.latent4j.core.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import com.google.common.collect.ImmutableMap;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
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
        assertThatIOException()
                .isThrownBy(() -> Config.read(file))
                .withMessage(file
                        + ": has more than 8388608 bytes; expected a JSON file of at most as many; check the file");
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
        assertRefused(config -> config.object("count"), "count is 4; expected an object, which is keys and values");
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
            []        | is a list
            3         | is a single JSON value
            {         | is not JSON: End of input at line 1 column 2 path $.; expected a JSON object; check the file
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
                .hasMessageContaining("is not text in UTF-8");
        assertThatThrownBy(() -> Config.read(folder.resolve("none.json")))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("none.json: does not exist");
    }

    @Test
    void keysThatNothingReadAreRefusedWithTheNearest() {
        Config config = config("{\"widths\": [1], \"laiers\": 2, \"_notes\": 3, \"dropout\": 0, \"drpout\": 0}");
        config.integers("widths");
        config.integer("layers", 1);
        assertThat(config.unread()).containsExactly("dropout", "drpout", "laiers");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> config.refuseTheRest(List.of("dropout")))
                .withMessage(
                        "unet/config.json: laiers is no key here, the nearest is \"layers\" of dropout, layers, widths;"
                                + " unet/config.json: drpout is no key here, the nearest is \"dropout\" of dropout, layers, widths");
        config.has("laiers");
        config.isNull("drpout");
        config.refuseTheRest(List.of("dropout"));
    }

    @Test
    void keysOfSectionsAreKnownAndRefusedToo() throws IOException {
        Config file = yaml("output: a\ntraining: {rat: 1, steps: 2}\nfolders: [{folder: a}, {foldr: b}]");
        file.text("output");
        Config training = file.section("training");
        training.real("rate", 1);
        training.integer("steps");
        file.sections("folders").forEach(each -> each.path("folder"));
        assertThat(file.known())
                .containsExactly("folders", "folders.folder", "output", "training", "training.rate", "training.steps");
        assertThat(file.unread()).containsExactly("folders.foldr", "training.rat");
        assertThatIllegalArgumentException()
                .isThrownBy(file::refuseTheRest)
                .withMessageContaining("run.yaml: training: rat is no key here, the nearest is \"rate\" of rate, steps")
                .withMessageContaining("run.yaml: folders 2: foldr is no key here, the nearest is \"folder\"");
    }

    @Test
    void everyBadKeyIsReportedInOneError() {
        Config config = config("{\"layers\": -1, \"eps\": NaN, \"nested\": {\"rank\": \"x\"}, \"type\": \"mish\"}");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> config.collect(json -> List.of(
                        json.integer("layers", Bounds.of(1, 1000), 2),
                        json.real("eps", Bounds.positive(1), 1e-5),
                        json.integer("width"),
                        json.section("nested").integer("rank", 4),
                        json.choice("type", ImmutableMap.of("silu", 1, "gelu", 2), 1))))
                .withMessage("unet/config.json: layers is -1; expected a whole number, 1 to 1000;"
                        + " unet/config.json: eps is \"NaN\"; expected a number, more than 0 and at most 1;"
                        + " unet/config.json: width is missing; expected a value;"
                        + " unet/config.json: nested: rank is \"x\"; expected a whole number;"
                        + " unet/config.json: type is \"mish\"; expected one of silu, gelu");
        int layers = config("{\"layers\": 3}").collect(json -> json.integer("layers", Bounds.of(1, 4), 2));
        assertThat(layers).isEqualTo(3);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> config("{}").collect(json -> {
                    throw json.bad("layers", "do not fit");
                }))
                .withMessage("unet/config.json: layers do not fit");
    }

    @Test
    void whatValuesAreMadeOfIsCheckedWithThem() {
        Config config = config("{\"least\": 3, \"most\": 2, \"rank\": 0, \"alpha\": 4}");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> config.collect(json -> {
                    int rank = json.integer("rank", Bounds.of(1, 9), 1);
                    json.refuseWithoutEffect("there is no rank", "alpha", "beta");
                    json.refuse("least", "is too large");
                    json.refuse("is odd");
                    return json.checked(() -> Bounds.of(json.real("least"), json.real("most")))
                            .orElseGet(() -> Bounds.of(rank, rank));
                }))
                .withMessage("unet/config.json: rank is 0; expected a whole number, 1 to 9;"
                        + " unet/config.json: alpha is 4; expected none, as there is no rank;"
                        + " unet/config.json: least is too large; unet/config.json: is odd;"
                        + " unet/config.json: the bounds are 3.0 to 2.0; expected the smaller one first");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> config.checked(() -> Bounds.of(3, 2)))
                .withMessage("unet/config.json: the bounds are 3.0 to 2.0; expected the smaller one first");
        assertThat(config.checked(() -> 5)).contains(5);
        assertThat(config.values("none")).isEmpty();
    }

    @Test
    void whatIsWrongLaterIsThrownAgain() throws IOException {
        Config kept = config("{\"layers\": 3}").collect(json -> json);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> kept.integer("layers", Bounds.of(1, 2), 1))
                .withMessage("unet/config.json: layers is 3; expected a whole number, 1 to 2");
        assertThatThrownBy(() -> kept.collect(json -> {
                    throw new IOException("no such file");
                }))
                .isInstanceOf(IOException.class);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> kept.collect(json -> {
                    json.text("layers");
                    throw new IOException("no such file");
                }))
                .withMessage("unet/config.json: layers is 3; expected a string")
                .satisfies(e -> assertThat(e.getSuppressed()).hasSize(1));
    }

    @Test
    void onlyDeclaredKeysMayBeRead() {
        Config declared = config("{\"eta\": 0.5, \"rho\": 7}").declaring(List.of("eta"));
        assertThat(declared.real("eta")).isEqualTo(0.5);
        assertThatIllegalStateException()
                .isThrownBy(() -> declared.real("rho", 7))
                .withMessageContaining("rho is read but not declared; expected one of eta");
    }

    @Test
    void replacedValuesNameTheirSource() throws IOException {
        Config config = config("{\"eta\": 0.5}").with("eta", new JsonPrimitive("x"), "the scheduler's settings");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> config.real("eta"))
                .withMessage("the scheduler's settings: eta is \"x\"; expected a number");
        assertThat(config.without(List.of("eta")).real("eta", 3)).isEqualTo(3);
        Config changed = yaml("training: {steps: 5, betas: [0.9, 0.99]}")
                .withChanges(
                        List.of("training.rate=1e-4", "training.betas=[0.5, 0.6]", "loss.gan.start=7", "output=x=y"));
        assertThat(changed.section("training").real("rate")).isEqualTo(1e-4);
        assertThat(changed.section("training").integer("steps")).isEqualTo(5);
        assertThat(changed.section("training").reals("betas")).containsExactly(0.5, 0.6);
        assertThat(changed.section("loss").section("gan").integer("start")).isEqualTo(7);
        assertThat(changed.text("output")).isEqualTo("x=y");
        assertThat(changed.requiredPath("output")).isEqualTo(folder.resolve("x=y"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> changed.withChanges(List.of("training.rate")))
                .withMessageContaining("\"training.rate\" changes nothing; expected KEY.KEY=VALUE");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> changed.withChanges(List.of(".rate=1")))
                .withMessageContaining("changes nothing");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> changed.withChanges(List.of("output.rate=1")))
                .withMessageContaining("output in ")
                .withMessageContaining("is a value; expected keys under it");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> changed.withChanges(List.of("seed=[1")))
                .withMessageContaining("\"seed=[1\": the value is not YAML: ");
    }

    @Test
    void aTextOfAMillionDigitsIsNoNumber() throws IOException {
        Config file = yaml("seed: \"" + "9".repeat(1_000_000) + "\"");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> file.integer("seed"))
                .withMessageEndingWith("...; expected a whole number of 32 bits");
    }

    @Test
    void namesOfAnyLengthAreCutInErrors() {
        String key = "k".repeat(500_000);
        Config job = Config.parseJson("the job", "{\"" + key + "\": {\"a\": \"x\"}}");
        String cut = "the job: " + "k".repeat(100) + "...";
        assertThatIllegalArgumentException()
                .isThrownBy(() -> job.integer(key))
                .withMessage(cut + " is {\"a\":\"x\"}; expected a whole number");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> job.section(key).integer("a"))
                .withMessage(cut + ": a is \"x\"; expected a whole number");
    }

    @Test
    void textInMemoryIsReadAsFilesAre() {
        assertThat(Config.parseJson("the job", "{\"a\": 1}").integer("a")).isEqualTo(1);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Config.parseJson("the job", "{\"a\":".repeat(200)))
                .withMessage("the job: is nested more than 100 deep; expected a JSON object");
    }

    @Test
    void yamlTakesTextsAndNumbersForEachOther() throws IOException {
        Config file = yaml("\ufeffseed: 7\nrate: 1e-4\nprompts: [a cat, '', 7]\nmode: Fast\nloss: {a: 1, b: 0.5}");
        assertThat(file.text("seed")).isEqualTo("7");
        assertThat(file.integer("seed")).isEqualTo(7);
        assertThat(file.real("rate")).isEqualTo(1e-4);
        assertThat(file.texts("prompts")).containsExactly("a cat", "", "7");
        assertThat(file.numbers("loss", Bounds.finite())).containsExactly(entry("a", 1.0), entry("b", 0.5));
        assertThat(file.choice("mode", Speed.SLOW)).isEqualTo(Speed.FAST);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> file.choice("rate", Speed.SLOW))
                .withMessageEndingWith("run.yaml: rate is 1.0E-4; expected one of slow, fast");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> file.sections("prompts"))
                .withMessageContaining("run.yaml: prompts is \"a cat\"; expected an object");
    }

    private enum Speed {
        SLOW,
        FAST
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            a: &a [*a]               | has the alias *a inside what it stands for
            a: *b                    | has the alias *b of no anchor before it
            ``                       | is empty
            - 1                      | is a list
            {a: 1, a: 2}             | has the key a twice
            ? [a]\\n: 1               | has a key that is not a single value at line 1
            a: !!python/object:os 1  | has the tag tag:yaml.org,2002:python/object:os, and plain values only are read
            a: !!set {a}             | has the tag tag:yaml.org,2002:set
            a: !x 1                  | has the tag !x, and plain values only are read
            a: [1                    | is not YAML: expected ',' or ']', but got <stream end> at line 1, column 6
            a: \\u0000                | is not YAML: special characters are not allowed
            a: 1\\n---\\nb: 2          | has more than one YAML document
            """)
    void yamlThatIsNotPlainValuesIsRefused(String yaml, String problem) throws IOException {
        Path file = folder.resolve("run.yaml");
        Files.writeString(file, yaml.replace("\\n", "\n").replace("\\u0000", "\0"));
        assertThatIOException()
                .isThrownBy(() -> Config.readYaml(file))
                .withMessageStartingWith(file + ": " + problem)
                .withMessageContaining("; expected keys and values in YAML")
                .satisfies(e -> assertThat(e.getMessage()).hasLineCount(1));
    }

    @Test
    void workIsBoundedByWhatComesOut() throws IOException {
        StringBuilder aliases = new StringBuilder("a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n");
        for (int i = 1; i < 20; i++) {
            aliases.append("a%d: &a%d [%s]\n".formatted(i, i, ("*a" + (i - 1) + ", ").repeat(9) + "*a" + (i - 1)));
        }
        for (String[] bad : new String[][] {
            {aliases.toString(), "has more than 500000 values"},
            {"a: " + "[".repeat(2000) + "]".repeat(2000), "is nested more than 100 deep"},
            {"a: " + "9".repeat(900_000), "has a number of 900000 digits"},
            {"a: 0." + "9".repeat(900_000), "has a number of 900002 digits"},
            {"a: " + "x".repeat(1 << 20), "has more than 1048576 bytes"}
        }) {
            assertThatIOException()
                    .isThrownBy(() -> Config.readYaml(Files.writeString(folder.resolve("run.yaml"), bad[0])))
                    .withMessageStartingWith(folder.resolve("run.yaml") + ": " + bad[1]);
        }
        for (String[] bad : new String[][] {
            {"{\"a\": " + "[".repeat(200_000), "is nested more than 100 deep"},
            {"{\"a\": " + "9".repeat(500) + "}", "has a number of 500 digits"},
            {"{\"a\": [" + "1,".repeat(500_000) + "1]}", "has more than 500000 values"}
        }) {
            assertThatIOException()
                    .isThrownBy(() -> Config.read(Files.writeString(folder.resolve("config.json"), bad[0])))
                    .withMessageStartingWith(folder.resolve("config.json") + ": " + bad[1]);
        }
    }

    @Test
    void numbersThatAreNoneAreRefusedByName() throws IOException {
        Config file = yaml("rate: .nan\nmost: .inf\nhuge: 1e999999999");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> file.real("rate", Bounds.finite(), 1))
                .withMessageEndingWith("run.yaml: rate is \"NaN\"; expected a number, finite");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> file.real("most", Bounds.finite(), 1))
                .withMessageContaining("run.yaml: most is \"Infinity\"");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> file.integer("huge"))
                .withMessageContaining("expected a whole number of 32 bits");
    }

    @Test
    void aByteOrderMarkIsDropped() throws IOException {
        Path file = Files.writeString(folder.resolve("config.json"), "\ufeff{\"a\": 1}");
        assertThat(Config.read(file).integer("a")).isEqualTo(1);
    }

    @Test
    void onlyRegularFilesAreRead() throws IOException {
        Path device = Path.of("/dev/zero");
        if (Files.exists(device)) {
            Path link = Files.createSymbolicLink(folder.resolve("link.json"), device);
            assertThatIOException()
                    .isThrownBy(() -> Config.read(link))
                    .withMessage(link + ": is not a regular file; expected a JSON file; check the path");
        }
        assertThatIOException().isThrownBy(() -> Config.read(folder)).withMessageContaining(": is a folder;");
    }

    private Config yaml(String text) throws IOException {
        return Config.readYaml(Files.writeString(folder.resolve("run.yaml"), text));
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
