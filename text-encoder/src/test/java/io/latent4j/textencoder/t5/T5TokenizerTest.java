package io.latent4j.textencoder.t5;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.io.BaseEncoding;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.latent4j.textencoder.TestModels;
import io.latent4j.textencoder.Tokens;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class T5TokenizerTest {
    private static final Path MODEL = TestModels.resource("t5-tiny/tokenizer/spiece.model");
    private static final JsonObject CASES = TestModels.json(TestModels.resource("cases/t5_unigram.json"));

    @TempDir
    private Path folder;

    @Test
    void readsTheSameTextToOtherLengths() throws IOException {
        Files.copy(MODEL, folder.resolve("spiece.model"));
        try (T5Tokenizer whole = T5Tokenizer.read(folder, 40);
                T5Tokenizer part = whole.withMaxLength(5)) {
            Tokens all = whole.encode("An amber falcon stands before the silken windmill");
            Tokens some = part.encode("An amber falcon stands before the silken windmill");

            assertThat(some.ids()).hasSize(5).startsWith(all.ids().subList(0, 4).toArray(Long[]::new));
            assertThat(some.ids().get(4)).isEqualTo(whole.eos());
            assertThat(some.cut()).isPresent();
            assertThat(some.count()).isEqualTo(all.count());
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> whole.withMaxLength(0))
                    .withMessage("the length of a text in ids is 0; expected 1 to 65536");
        }
    }

    /** How a tokenizer is stored. */
    private enum Form {
        SPIECE,
        JSON_WITH_PATTERNS {
            @Override
            void write(Path folder) throws IOException {
                writeJson(folder, """
                    {"normalizer": {"type": "Sequence", "normalizers": [
                        {"type": "Precompiled", "precompiled_charsmap": "%s"},
                        {"type": "Strip", "strip_left": false, "strip_right": true},
                        {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": "▁"}]},
                     "pre_tokenizer":
                        {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": true}}
                    """);
            }
        },
        JSON_CUT_AT_SPACES {
            @Override
            void write(Path folder) throws IOException {
                writeJson(folder, """
                    {"normalizer": {"type": "Precompiled", "precompiled_charsmap": "%s"},
                     "pre_tokenizer": {"type": "Sequence", "pretokenizers": [{"type": "WhitespaceSplit"},
                        {"type": "Metaspace", "replacement": "▁", "add_prefix_space": true}]}}
                    """);
            }
        };

        void write(Path folder) throws IOException {
            Files.copy(MODEL, folder.resolve("spiece.model"));
        }

        private static void writeJson(Path folder, String steps) throws IOException {
            UnigramFile file = SentencePieceFile.read(MODEL);
            JsonObject json =
                    JsonParser.parseString(steps.formatted(charsmap())).getAsJsonObject();
            JsonArray vocab = new JsonArray();
            for (int id = 0; id < file.pieces().size(); id++) {
                JsonArray entry = new JsonArray();
                entry.add(file.pieces().get(id));
                entry.add((double) file.scores().get(id));
                vocab.add(entry);
            }
            JsonObject model = new JsonObject();
            model.addProperty("type", "Unigram");
            model.addProperty("unk_id", 2);
            model.addProperty("byte_fallback", false);
            model.add("vocab", vocab);
            json.add("model", model);
            json.add("added_tokens", JsonParser.parseString("""
                [{"id": 0, "content": "<pad>"}, {"id": 1, "content": "</s>"}, {"id": 2, "content": "<unk>"},
                 {"id": 399, "content": "<extra_id_0>"}]
                """));
            Files.writeString(folder.resolve("tokenizer.json"), json.toString());
        }

        private static String charsmap() throws IOException {
            ProtoReader model = new ProtoReader(MODEL, Files.readAllBytes(MODEL));
            while (model.next() != 3) {
                model.skip();
            }
            ProtoReader normalizer = model.message();
            while (normalizer.next() != 2) {
                normalizer.skip();
            }
            return Base64.getEncoder().encodeToString(normalizer.bytes());
        }
    }

    /** One by one at each letter, they would take hours. */
    @Test
    void findsTheLongestOfManyAddedTokens() {
        Map<String, Integer> tokens = new HashMap<>();
        for (int i = 0; i < 10_000; i++) {
            tokens.put("a".repeat(250) + "b" + i, 1000 + i);
        }
        tokens.put("ab1", 7);
        tokens.put("ab", 8);
        String text = "a".repeat(100_000);
        List<AddedTokens.Part> parts = new AddedTokens(tokens).split(text + "b12");
        assertThat(parts)
                .containsExactly(
                        new AddedTokens.Part(0, "a".repeat(100_000 - 250), Optional.empty()),
                        new AddedTokens.Part(100_000 - 250, "a".repeat(250) + "b12", Optional.of(1012)));
        assertThat(new AddedTokens(tokens).split("xab1ab"))
                .containsExactly(
                        new AddedTokens.Part(0, "x", Optional.empty()),
                        new AddedTokens.Part(1, "ab1", Optional.of(7)),
                        new AddedTokens.Part(4, "ab", Optional.of(8)));
    }

    @Test
    void refusesAnAddedTokenThatIsTooLong() throws IOException {
        Form.JSON_CUT_AT_SPACES.write(folder);
        Path json = folder.resolve("tokenizer.json");
        Files.writeString(json, Files.readString(json).replace("<extra_id_0>", "a".repeat(257)));
        assertThatThrownBy(() -> T5Tokenizer.read(folder))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("a token of 257 letters is added to it; expected 1 to 256");
    }

    /** Else each letter of a text would be followed to its end. */
    @Test
    void anEntryOfTheTableHasAnEnd() {
        byte[] text = "a".repeat(1000).getBytes(StandardCharsets.UTF_8);
        assertThat(circle().at(text, 0).length()).isEqualTo(256);
        assertThat(circle().at(text, 900).length()).isEqualTo(100);
    }

    /** A table whose every run of the letter a is an entry: the trie goes round between two places. */
    private static Charsmap circle() {
        int units = 256;
        ByteBuffer bytes = ByteBuffer.allocate(4 + 4 * units + 2).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putInt(4 * units);
        bytes.putInt(0);
        for (int i = 1; i < units; i++) {
            bytes.putInt(i == 'a' ? 'a' | 1 << 8 | 'a' << 10 : 0);
        }
        bytes.put((byte) 'x').put((byte) 0);
        return Charsmap.of("circle", bytes.array());
    }

    @ParameterizedTest
    @EnumSource(Form.class)
    void idsAreSentencePieces(Form form) throws IOException {
        form.write(folder);
        try (T5Tokenizer tokenizer = T5Tokenizer.read(folder, 2000)) {
            JsonArray cases = CASES.getAsJsonArray("cases");
            assertThat(cases).hasSizeGreaterThan(40);
            for (JsonElement element : cases) {
                String text = element.getAsJsonObject().get("text").getAsString();
                List<Long> expected = longs(element.getAsJsonObject().get("raw"));
                Tokens tokens = tokenizer.encode(text);
                assertThat(tokens.ids().subList(0, tokens.count())).as(text).isEqualTo(expected);
                assertThat(tokens.ids().get(tokens.count())).isEqualTo(tokenizer.eos());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {77, 256, 512})
    void textsAreCutAndFilledUpAsTheReferences(int length) throws IOException {
        JsonArray cases = CASES.getAsJsonArray("cases");
        List<String> texts = List.of(text(cases, 0), "", text(cases, cases.size() - 1));
        JsonArray expected = CASES.getAsJsonObject("padded").getAsJsonArray(Integer.toString(length));
        try (T5Tokenizer tokenizer = T5Tokenizer.read(MODEL.getParent(), length)) {
            for (int i = 0; i < texts.size(); i++) {
                assertThat(tokenizer.encode(texts.get(i)).ids()).isEqualTo(longs(expected.get(i)));
            }
        }
    }

    private static String text(JsonArray cases, int index) {
        return cases.get(index).getAsJsonObject().get("text").getAsString();
    }

    private static List<Long> longs(JsonElement ids) {
        return ids.getAsJsonArray().asList().stream()
                .map(JsonElement::getAsLong)
                .toList();
    }

    @Test
    void whatDoesNotFitIsReported() throws IOException {
        String text = "a pale lantern drifts over the mossy canal at dawn, ink drawing";
        try (T5Tokenizer tokenizer = T5Tokenizer.read(MODEL.getParent(), 20)) {
            Tokens tokens = tokenizer.encode(text);
            assertThat(tokens.count()).isEqualTo(27);
            assertThat(tokens.cut()).hasValue("al at dawn, ink drawing");
            assertThat(tokenizer.length(tokens.count())).isEqualTo(20);
            assertThat(tokenizer.length(3)).isEqualTo(4);
            assertThat(tokenizer.encode("the mossy canal").cut()).isEmpty();
        }
    }

    @Test
    void aPieceBeginsAtItsFirstLetterInTheTextAsWritten() throws IOException {
        try (T5Tokenizer tokenizer = T5Tokenizer.read(MODEL.getParent(), 3)) {
            // Four letters of two chars each, which become one unknown piece beside the ▁ before it.
            assertThat(tokenizer.encode("😀😀😀😀  the   ﬁsh").cut()).hasValue("the   ﬁsh");
        }
    }

    @Test
    void specialTokensStandForThemselves() throws IOException {
        try (T5Tokenizer tokenizer = T5Tokenizer.read(MODEL.getParent(), 12)) {
            assertThat(tokenizer.encode("the</s>the<extra_id_0>").ids())
                    .containsExactly(7L, 1L, 7L, 399L, 1L, 0L, 0L, 0L, 0L, 0L, 0L, 0L);
            assertThat(tokenizer.vocabularySize()).isEqualTo(400);
        }
    }

    @Test
    void halfOfASurrogatePairIsReadAsTheReplacementCharacter() throws IOException {
        try (T5Tokenizer tokenizer = T5Tokenizer.read(MODEL.getParent(), 4)) {
            Tokens tokens = tokenizer.encode("the\ud83dthe the the");
            assertThat(tokens.ids())
                    .isEqualTo(tokenizer.encode("the\ufffdthe the the").ids());
            assertThat(tokens.cut()).as("counted by code points").hasValue("the");
        }
    }

    @Test
    void theFolderSaysLengthAndSpecialTokens() throws IOException {
        Form.SPIECE.write(folder);
        Files.writeString(
                folder.resolve("tokenizer_config.json"),
                "{\"model_max_length\": 5, \"eos_token\": \"<unk>\", \"pad_token\": {\"content\": \",\"}}");
        try (T5Tokenizer tokenizer = T5Tokenizer.read(folder)) {
            assertThat(tokenizer.encode("the").ids()).containsExactly(7L, 2L, 3L, 3L, 3L);
        }
        Files.delete(folder.resolve("tokenizer_config.json"));
        try (T5Tokenizer tokenizer = T5Tokenizer.read(folder)) {
            assertThat(tokenizer.maxLength()).isEqualTo(512);
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> T5Tokenizer.read(folder, 0))
                .withMessage("the length of a text in ids is 0; expected 1 to 65536");
    }

    @Test
    void encodesNothingWhenClosed() throws IOException {
        T5Tokenizer tokenizer = T5Tokenizer.read(MODEL.getParent());
        tokenizer.close();
        tokenizer.close();
        assertThatIllegalStateException()
                .isThrownBy(() -> tokenizer.encode("the"))
                .withMessageContaining("closed");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'Unigram' | 'BPE' | model is not of the type Unigram",
                "'WhitespaceSplit' | 'BertPreTokenizer' | pre_tokenizer has the step 'BertPreTokenizer'",
                "'add_prefix_space':true | 'add_prefix_space':false | pre_tokenizer has no ▁ before a text, false",
                "'byte_fallback':false | 'byte_fallback':true | model.byte_fallback is true",
                "'unk_id':2 | 'unk_id':300 | none with the id of what is unknown, 300",
                "'unk_id':2 | 'unk_id':2.5 | model.unk_id is 2.5",
                "['▁a', | ['the', | \"the\", is there twice",
                "['▁a', | [7, 'the', | expected a piece and its score",
                "'precompiled_charsmap':'ALQC | 'precompiled_charsmap':'!LQC | precompiled_charsmap is not base64",
                "'precompiled_charsmap':'ALQC | 'precompiled_charsmap':'////' ,'other':'| do not hold the trie",
                "'content':'</s>' | 'content':'<end>' | has no piece \"</s>\", which is the eos_token",
            },
            quoteCharacter = '`')
    void refusesByFileAndPlace(String part, String instead, String message) throws IOException {
        Form.JSON_CUT_AT_SPACES.write(folder);
        Path file = folder.resolve("tokenizer.json");
        String json = Files.readString(file);
        String there = part.replace('\'', '"');
        assertThat(json).contains(there);
        String changed = json.replace(there, instead.replace('\'', '"'));
        if (message.contains("eos_token")) {
            changed = changed.replace("[\"</s>\",", "[\"<end>\",");
        }
        if (message.contains("twice")) {
            changed = changed.replace("[\"▁the\",", "[\"the\",");
        }
        Files.writeString(file, changed);
        assertThatThrownBy(() -> T5Tokenizer.read(folder))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith(folder.toString())
                .hasMessageContaining(message.replace('\'', '"'));
    }

    @Test
    void refusesADamagedModel() throws IOException {
        byte[] bytes = Files.readAllBytes(MODEL);
        for (int length : new int[] {0, 1, 7, 100, bytes.length / 2, bytes.length - 1}) {
            Path file = folder.resolve("spiece.model");
            Files.write(file, Arrays.copyOf(bytes, length));
            assertThatThrownBy(() -> T5Tokenizer.read(folder))
                    .isInstanceOf(IOException.class)
                    .hasMessageStartingWith(file + ": ");
        }
        assertThatThrownBy(() -> T5Tokenizer.read(folder.resolve("none")))
                .hasMessageContaining("none holds no tokenizer; expected tokenizer.json or spiece.model");
    }

    @ParameterizedTest
    @CsvSource({
        "'0a 03 0a 01 61', or has no piece for what is unknown",
        "'0a 05 0a 01 61 18 04', of the kind 4; only",
        "'0a 05 0a 01 61 18 02 12 02 18 02', model_type is 2; only 1 is supported",
        "'0a 05 0a 01 61 18 02 12 03 98 02 01', byte_fallback is 1; only 0",
        "'0a 05 0a 01 61 18 02 1a 02 20 00', remove_extra_whitespaces is 0; only 1",
        "'0a 05 0a 01 61 10 02', wire type 0; expected a number of 32 bits",
        "'0a 08 0a 01 61 15 00 00 c0 7f', score is NaN",
        "'0a 03 0a 01 ff', a text is not UTF-8",
        "'0b', wire type 3",
        "'02', number 0",
        "'0a ff ff ff ff ff ff ff ff ff ff', more than 64 bits"
    })
    void refusesAModelOfAnotherKind(String hex, String message) throws IOException {
        Path file = folder.resolve("spiece.model");
        Files.write(file, BaseEncoding.base16().lowerCase().decode(hex.replace(" ", "")));
        assertThatThrownBy(() -> T5Tokenizer.read(folder))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith(file.toString())
                .hasMessageContaining(message.replace("score is NaN", "has the score NaN"));
    }

    @Test
    void refusesATableThatPointsNowhere() {
        ByteBuffer bytes = ByteBuffer.allocate(4 + 4 * 256 + 2).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putInt(0, 4 * 256);
        bytes.putInt(4 + 4 * 'a', 'a' | (1 << 8) | (1000 << 10)); // an entry, whose value is beyond the trie
        Charsmap charsmap = Charsmap.of("table", bytes.array());
        byte[] text = "a".getBytes(StandardCharsets.UTF_8);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> charsmap.at(text, 0))
                .withMessageStartingWith("table is damaged");
    }
}
