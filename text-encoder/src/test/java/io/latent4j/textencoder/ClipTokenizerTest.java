package io.latent4j.textencoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClipTokenizerTest {
    private ClipTokenizer tokenizer;

    @TempDir
    private Path temp;

    @BeforeEach
    void open() throws IOException {
        tokenizer = ClipTokenizer.read(TestModels.resource("sd15-tiny/tokenizer"));
    }

    @AfterEach
    void close() {
        tokenizer.close();
    }

    @Test
    void knowsItsFolder() {
        assertThat(tokenizer.maxLength()).isEqualTo(77);
        assertThat(tokenizer.vocabularySize()).isEqualTo(1000);
        assertThat(List.of(tokenizer.bos(), tokenizer.eos(), tokenizer.pad())).containsExactly(998L, 999L, 999L);
    }

    @Test
    void encodesAsTheReferenceDoes() throws IOException {
        String cases = Files.readString(TestModels.resource("cases/tokenizer.json"));
        for (JsonElement element : JsonParser.parseString(cases).getAsJsonArray()) {
            JsonObject expected = element.getAsJsonObject();
            Tokens tokens = tokenizer.encode(expected.get("text").getAsString());

            List<Long> ids = longs(expected.get("ids"));
            ids.addAll(Collections.nCopies(77 - ids.size(), 999L));
            assertThat(tokens.ids()).as(expected.toString()).isEqualTo(ids);
            int count = expected.get("count").getAsInt();
            assertThat(count == -1 || count == tokens.count())
                    .as(expected.toString())
                    .isTrue();
        }
    }

    @Test
    void encodesAsTheWholeReferenceDoes() throws IOException {
        Path reference = TestModels.reference();
        checkCases(
                reference.resolve("models/sd15-tiny/tokenizer"),
                reference.resolve("cases/tokenizer/tiny_pad_endoftext.json"));
        checkCases(
                reference.resolve("models/sd21-tiny/tokenizer"),
                reference.resolve("cases/tokenizer/tiny_pad_exclamation.json"));
        checkCases(reference.resolve("clip-tokenizer"), reference.resolve("clip-tokenizer/cases.json"));
    }

    private static void checkCases(Path folder, Path cases) throws IOException {
        try (ClipTokenizer tokenizer = ClipTokenizer.read(folder)) {
            for (JsonElement element : TestModels.json(cases).getAsJsonArray("cases")) {
                JsonObject expected = element.getAsJsonObject();
                Tokens tokens = tokenizer.encode(expected.get("text").getAsString());
                boolean fast = expected.has("variants")
                        && expected.getAsJsonObject("variants").has("hf_fast");
                JsonElement ids = fast ? expected.getAsJsonObject("variants").get("hf_fast") : expected.get("ids");
                assertThat(tokens.ids()).as("%s: %s", cases, expected).isEqualTo(longs(ids));
                assertThat(tokens.cut().isPresent())
                        .isEqualTo(expected.get("truncated").getAsBoolean());
                if (expected.get("agree").getAsBoolean()) {
                    assertThat(tokens.count()).isEqualTo(expected.get("raw_len").getAsInt());
                }
            }
        }
    }

    private static List<Long> longs(JsonElement array) {
        return new ArrayList<>(array.getAsJsonArray().asList().stream()
                .map(JsonElement::getAsLong)
                .toList());
    }

    @Test
    void quotesWhatDoesNotFit() {
        String fits = "fox ".repeat(75);
        assertThat(tokenizer.encode(fits).cut()).isEmpty();
        assertThat(tokenizer.encode(fits).count()).isEqualTo(75);

        Tokens tokens = tokenizer.encode(fits + " a  RED castle ");
        assertThat(tokens.cut()).hasValue("a  RED castle ");
        assertThat(tokens.count()).isEqualTo(78);
        assertThat(tokens.ids()).isEqualTo(tokenizer.encode(fits).ids());
    }

    @Test
    void quotesCorrectlyAfterCharactersOfEveryLength() {
        String odd = "\uD83D\uDE00 e\u0301\u0301 \u0130 \u4E2D\u00A0\uFB01 ";
        String filler = "fox ".repeat(76 - tokenizer.encode(odd).count());
        assertThat(tokenizer.encode(odd + filler + "castle").cut()).hasValue("fox castle");
        assertThat(tokenizer
                        .encode("fox ".repeat(75) + "\uD83D\uDE00\uD83D\uDE00!")
                        .cut())
                .hasValue("\uD83D\uDE00\uD83D\uDE00!");
    }

    @Test
    void quotesFromTheMiddleOfAWord() {
        Tokens tokens = tokenizer.encode("fox ".repeat(74) + "zzzz");
        assertThat(tokens.count()).isEqualTo(78);
        assertThat(tokens.cut()).hasValue("zzz");
    }

    @Test
    void takesAnyText() {
        for (String text : List.of("\0", "\uD83D", "\uDE00x", "\uFFFF", "\r\n\u2028", "<|endoftext", "\u0007\u200B")) {
            assertThat(tokenizer.encode(text).ids())
                    .hasSize(77)
                    .startsWith(998L)
                    .contains(999L);
        }
        assertThat(tokenizer.encode("\uD83D fox".repeat(75)).cut().orElseThrow())
                .endsWith("\uD83D fox");
        assertThat(tokenizer.encode("x\uD83D").ids())
                .isEqualTo(tokenizer.encode("x\uFFFD").ids());
    }

    @Test
    void takesVeryLongTexts() {
        Tokens tokens = tokenizer.encode("a red fox, ".repeat(20_000) + "z".repeat(100_000));
        assertThat(tokens.ids()).hasSize(77);
        assertThat(tokens.count()).isGreaterThan(80_000);
        assertThat(tokens.cut().orElseThrow()).hasSizeGreaterThan(300_000);
    }

    @Test
    void encodesBatches() {
        try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
            NDArray ids = tokenizer.encode(manager, List.of("a red fox", ""));
            assertThat(ids.getShape()).isEqualTo(new Shape(2, 77));
            assertThat(ids.getDataType()).isEqualTo(DataType.INT64);
            assertThat(ids.get(1).toLongArray()).isEqualTo(tokenizer.encode("").toArray());
        }
    }

    @Test
    void servesManyThreads() {
        List<Long> expected = tokenizer.encode("the golden castle").ids();
        IntStream.range(0, 2000)
                .parallel()
                .forEach(i ->
                        assertThat(tokenizer.encode("the golden castle").ids()).isEqualTo(expected));
    }

    @Test
    void refusesToWorkOnceClosed() {
        tokenizer.close();
        assertThatIllegalStateException().isThrownBy(() -> tokenizer.encode("a fox"));
    }

    @Test
    void readsTheOneFileFormToo() throws IOException {
        Path source = TestModels.resource("sd15-tiny/tokenizer");
        Files.writeString(
                temp.resolve("tokenizer.json"),
                TokenizerFiles.read(source).tokenizerJson().toString());
        try (ClipTokenizer other = ClipTokenizer.read(temp)) {
            assertThat(other.maxLength()).isEqualTo(77);
            assertThat(other.vocabularySize()).isEqualTo(1000);
            String text = "A red fox's CAF\u00C9 <|endoftext|> x";
            assertThat(other.encode(text)).isEqualTo(tokenizer.encode(text));
        }
    }

    @Test
    void specialTokensMapComesBeforeTokenizerConfig() throws IOException {
        copyTokenizer();
        Files.writeString(temp.resolve("special_tokens_map.json"), "{\"pad_token\": {\"content\": \"!\"}}");
        Files.writeString(
                temp.resolve("tokenizer_config.json"),
                "{\"pad_token\": \"<|endoftext|>\", \"model_max_length\": 1000000000000000019884624838656}");
        try (ClipTokenizer other = ClipTokenizer.read(temp)) {
            assertThat(other.pad()).isZero();
            assertThat(other.maxLength()).isEqualTo(77);
            assertThat(other.encode("fox!").ids()).startsWith(998L, 871L, 256L, 999L, 0L, 0L);
        }
    }

    @Test
    void addedTokensStandForThemselves() throws IOException {
        copyTokenizer();
        Files.writeString(temp.resolve("added_tokens.json"), "{\"<Cat>\": 1003}");
        Files.writeString(
                temp.resolve("tokenizer_config.json"),
                "{\"added_tokens_decoder\": {\"0\": {\"content\": \"!\"}, \"1000\": {\"content\": \"my-style\"}}}");
        try (ClipTokenizer other = ClipTokenizer.read(temp)) {
            assertThat(other.vocabularySize()).isEqualTo(1004);
            assertThat(other.encode("fox <cat>, my-style!").ids())
                    .startsWith(998L, 871L, 1003L, 267L, 1000L, 256L, 999L);
            assertThat(other.encode("a fox").ids())
                    .isEqualTo(tokenizer.encode("a fox").ids());
        }
    }

    @Test
    void namesWhatIsMissing() throws IOException {
        assertRefused("holds no tokenizer");
        copyTokenizer();
        Files.delete(temp.resolve("merges.txt"));
        assertRefused("merges.txt");
        assertThatThrownBy(() -> ClipTokenizer.read(temp.resolve("nowhere")))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("nowhere is not a folder");
    }

    @Test
    void namesWhatIsMalformed() throws IOException {
        copyTokenizer();
        refuses("vocab.json", "{\"a\": 0", "vocab.json: is not JSON");
        refuses("vocab.json", "[]", "vocab.json: is a list; expected a JSON object");
        refuses("vocab.json", "{\"a\": \"x\"}", "vocab.json: the id of \"a\" is \"x\"");
        refuses("vocab.json", "{\"a\": -1}", "vocab.json: the id of \"a\" is -1");
        refuses("vocab.json", "{\"a\": 0}", "no entry \"<|startoftext|>\", which is the bos_token");
        refuses("merges.txt", "#version: 0.2\nf o\nf unheard", "merges.txt line 3", "\"unheard\"");
        refuses("merges.txt", "one two three", "expected two tokens");
        refuses("merges.txt", "x".repeat(1_000_000), "merges.txt line 1 has no space; expected two");
        refuses("merges.txt", "f o\n".repeat(3_000_000), "merges.txt: has more than 8388608 bytes");
        refuses("added_tokens.json", manyTokens(), ": 10001 tokens are added to it; expected at most 10000");
        refuses("special_tokens_map.json", "{\"pad_token\": \"none\"}", "\"none\", which is the pad_token");
        refuses("special_tokens_map.json", "{\"eos_token\": []}", "eos_token is []");
        refuses("added_tokens.json", "{\"<cat>\": \"<dog>\"}", "the id of \"<cat>\" is \"<dog>\"");
        refuses("tokenizer_config.json", "{\"added_tokens_decoder\": {\"x\": {}}}", "added_tokens_decoder");
        refuses("tokenizer_config.json", "{\"model_max_length\": 2}", "model_max_length is 2");
        refuses("tokenizer_config.json", "{\"model_max_length\": \"x\"}", "model_max_length is \"x\"");
    }

    @Test
    void namesWhatIsWrongWithTheOneFileForm() throws IOException {
        Files.writeString(
                temp.resolve("tokenizer.json"),
                "{\"model\": {\"vocab\": {}}, \"added_tokens\": [{\"content\": [], \"id\": 0}]}");
        assertRefused("tokenizer.json: added_tokens has an entry");
        Files.writeString(temp.resolve("tokenizer.json"), "{}");
        assertRefused("tokenizer.json: model.vocab is missing");
        Files.writeString(
                temp.resolve("tokenizer.json"),
                "{\"model\": {\"vocab\": {\"<|startoftext|>\": 0, \"<|endoftext|>\": 1}}}");
        assertRefused("tokenizer.json: model.merges is missing; expected a list of pairs of tokens");
    }

    /** The library would end the process over the pattern, when it is used, and over the prefix at once. */
    @Test
    void nothingInTheOneFileFormReachesTheLibraryUnknown() throws IOException {
        String whole = """
            {"added_tokens": [], %s "model": {%s "merges": [%s], "vocab": {"<|startoftext|>": 0, "<|endoftext|>": 1,
             "a": 2, "b</w>": 3, "ab</w>": 4}}}\
            """;
        Path file = temp.resolve("tokenizer.json");
        String pattern = "\"pre_tokenizer\": {\"type\": \"Split\", \"pattern\": {\"Regex\": \"(a+)+$\"}},";
        Files.writeString(file, whole.formatted(pattern, "", ""));
        assertRefused("tokenizer.json: pre_tokenizer has the pattern \"(a+)+$\"; expected CLIP's");
        Files.writeString(file, whole.formatted("", "\"type\": \"Unigram\",", ""));
        assertRefused("tokenizer.json: model.type is \"Unigram\"; expected \"BPE\": this is another kind");
        Files.writeString(file, whole.formatted("", "", "[\"a\", \"x\"]"));
        assertRefused("model.merges[0] needs the token \"x\"");
        Files.writeString(file, whole.formatted("", "", "7"));
        assertRefused("model.merges[0] has no space; expected two tokens");
        String prefix = "\"continuing_subword_prefix\": \"##########\", \"unk_token\": \"none\",";
        Files.writeString(file, whole.formatted("", prefix, "[\"a\", \"b</w>\"]"));
        try (ClipTokenizer other = ClipTokenizer.read(temp)) {
            assertThat(other.encode("ab").ids()).startsWith(0L, 4L, 1L);
        }
    }

    private void copyTokenizer() throws IOException {
        Path source = TestModels.resource("sd15-tiny/tokenizer");
        Files.copy(source.resolve("vocab.json"), temp.resolve("vocab.json"));
        Files.copy(source.resolve("merges.txt"), temp.resolve("merges.txt"));
    }

    private static String manyTokens() {
        return IntStream.rangeClosed(0, 10_000)
                .mapToObj(i -> "\"<word" + i + ">\": " + (100 + i))
                .collect(Collectors.joining(", ", "{", "}"));
    }

    private void refuses(String file, String content, String... parts) throws IOException {
        Path path = temp.resolve(file);
        boolean existed = Files.exists(path);
        String before = existed ? Files.readString(path) : "";
        Files.writeString(path, content);
        assertRefused(parts);
        if (existed) {
            Files.writeString(path, before);
        } else {
            Files.delete(path);
        }
    }

    private void assertRefused(String... parts) {
        assertThatThrownBy(() -> ClipTokenizer.read(temp).close())
                .isInstanceOf(IOException.class)
                .hasMessageContaining(temp.toString())
                .hasMessageContainingAll(parts);
    }
}
