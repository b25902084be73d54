package io.latent4j.textencoder.qwen;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.latent4j.textencoder.TestModels;
import io.latent4j.textencoder.Tokens;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class QwenTokenizerTest {
    private static final Path TOKENIZER = TestModels.resource("z-image-tiny/tokenizer");
    private static final JsonObject CASES = TestModels.json(TestModels.resource("cases/qwen2_bpe.json"));

    @TempDir
    private Path folder;

    /** How a tokenizer is stored. */
    private enum Form {
        MERGES_AS_PAIRS {
            @Override
            void write(Path folder) throws IOException {
                copy(folder, "tokenizer.json", "tokenizer_config.json");
            }
        },
        MERGES_AS_TEXTS {
            @Override
            void write(Path folder) throws IOException {
                JsonObject json = TestModels.json(TOKENIZER.resolve("tokenizer.json"));
                JsonArray texts = new JsonArray();
                for (JsonElement pair : json.getAsJsonObject("model").getAsJsonArray("merges")) {
                    texts.add(pair.getAsJsonArray().get(0).getAsString() + " "
                            + pair.getAsJsonArray().get(1).getAsString());
                }
                json.getAsJsonObject("model").add("merges", texts);
                Files.writeString(folder.resolve("tokenizer.json"), json.toString());
            }
        },
        SEPARATE_FILES {
            @Override
            void write(Path folder) throws IOException {
                copy(folder, "vocab.json", "merges.txt", "tokenizer_config.json");
            }
        };

        abstract void write(Path folder) throws IOException;

        private static void copy(Path folder, String... names) throws IOException {
            for (String name : names) {
                Files.copy(TOKENIZER.resolve(name), folder.resolve(name));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Form.class)
    void idsAreTheReferences(Form form) throws IOException {
        form.write(folder);
        try (QwenTokenizer tokenizer = QwenTokenizer.read(folder, 5000)) {
            JsonArray cases = CASES.getAsJsonArray("cases");
            assertThat(cases).hasSizeGreaterThan(50);
            for (JsonElement element : cases) {
                String text = element.getAsJsonObject().get("text").getAsString();
                Tokens tokens = tokenizer.encode(text);
                assertThat(tokens.ids().subList(0, tokens.count()))
                        .as(text)
                        .isEqualTo(longs(element.getAsJsonObject().get("ids")));
                assertThat(tokens.ids().subList(tokens.count(), 5000)).containsOnly(tokenizer.pad());
            }
        }
    }

    private static List<Long> longs(JsonElement ids) {
        return ids.getAsJsonArray().asList().stream()
                .map(JsonElement::getAsLong)
                .toList();
    }

    @Test
    void chatsAreTheReferences() {
        JsonObject chat = CASES.getAsJsonObject("chat");
        String prompt = chat.get("prompt").getAsString();
        assertThat(ChatTemplate.ANSWER.of(prompt)).isEqualTo(chat.get("z_image").getAsString());
        assertThat(ChatTemplate.ANSWER_WITHOUT_THINKING.of(prompt))
                .isEqualTo(chat.get("flux2_klein").getAsString());
    }

    @ParameterizedTest
    @EnumSource(ChatTemplate.class)
    void aPromptIsEncodedWithTheChatAroundIt(ChatTemplate chat) throws IOException {
        for (String prompt : List.of("a pale lantern", "", "\n a pale lantern \n", "a<|im_end|>b", "ẹ́ \ud83d 😀")) {
            try (QwenTokenizer tokenizer = QwenTokenizer.read(TOKENIZER, 100, chat);
                    QwenTokenizer plain = QwenTokenizer.read(TOKENIZER)) {
                Tokens whole = plain.encode(chat.of(prompt));
                Tokens tokens = tokenizer.encode(prompt);
                assertThat(tokens.ids()).as(prompt).isEqualTo(whole.ids().subList(0, 100));
                assertThat(tokenizer.length(tokens.count())).isEqualTo(whole.count());
                assertThat(tokens.cut()).isEmpty();
            }
        }
    }

    @Test
    void aPromptFramedInPiecesIsTheSame() throws IOException {
        try (QwenTokenizer tokenizer = QwenTokenizer.read(TOKENIZER, 50, ChatTemplate.ANSWER)) {
            Tokens tokens = tokenizer.encode("a pale lantern");
            List<Long> own = tokens.ids().subList(tokenizer.lead(), tokenizer.lead() + tokens.count());
            assertThat(tokenizer.framed(own)).isEqualTo(tokens.ids());
        }
    }

    @Test
    void whatDoesNotFitIsCutAtTheRightAndReported() throws IOException {
        String prompt = "a pale lantern drifts over the mossy canal at dawn, ink drawing";
        try (QwenTokenizer tokenizer = QwenTokenizer.read(TOKENIZER, 16, ChatTemplate.ANSWER);
                QwenTokenizer plain = QwenTokenizer.read(TOKENIZER)) {
            Tokens tokens = tokenizer.encode(prompt);
            assertThat(tokens.ids())
                    .isEqualTo(
                            plain.encode(ChatTemplate.ANSWER.of(prompt)).ids().subList(0, 16));
            assertThat(tokenizer.length(tokens.count())).isEqualTo(16);
            String cut = tokens.cut().orElseThrow();
            assertThat(prompt).endsWith(cut);
            assertThat(cut).contains("drawing").doesNotContain("lantern");
        }
    }

    @Test
    void aChatThatLosesItsEndAloneIsNoLossOfTheText() throws IOException {
        try (QwenTokenizer whole = QwenTokenizer.read(TOKENIZER, 100, ChatTemplate.ANSWER)) {
            int length = whole.length(whole.encode("a pale lantern").count());
            try (QwenTokenizer tokenizer = QwenTokenizer.read(TOKENIZER, length - 1, ChatTemplate.ANSWER)) {
                assertThat(tokenizer.encode("a pale lantern").cut()).isEmpty();
            }
        }
    }

    @Test
    void theFolderSaysPaddingAndAtMostTheLength() throws IOException {
        try (QwenTokenizer tokenizer = QwenTokenizer.read(TOKENIZER)) {
            assertThat(tokenizer.maxLength()).isEqualTo(512); // model_max_length is 131072
            assertThat(tokenizer.pad()).isEqualTo(756);
            assertThat(tokenizer.vocabularySize()).isEqualTo(782);
        }
        Form.SEPARATE_FILES.write(folder);
        Files.writeString(folder.resolve("tokenizer_config.json"), "{\"model_max_length\": 7, \"pad_token\": \"!\"}");
        try (QwenTokenizer tokenizer = QwenTokenizer.read(folder)) {
            assertThat(tokenizer.encode("").ids()).containsOnly(0L).hasSize(7);
        }
    }

    @Test
    void refusesALengthThatTheChatFills() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> QwenTokenizer.read(TOKENIZER, 5, ChatTemplate.ANSWER))
                .withMessageContaining("the chat around a prompt takes");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> QwenTokenizer.read(TOKENIZER, 0, ChatTemplate.ANSWER))
                .withMessage("the length of a text in ids is 0; expected 1 to 65536");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'type':'BPE' | 'type':'Unigram' | model.type is 'Unigram'; expected 'BPE'",
                "'Regex' | 'Regex':'x','Other' | pre_tokenizer has the pattern 'x'",
                "'content':'<think>' | 'content':'' | an empty token is added",
                "'!':0 | '!':-1 | the id of '!' is -1",
                "['i','n'] | ['i','n','g'] | model.merges[0] has no space",
                "['i','n'] | ['i','☃'] | model.merges[0] needs the token '☃'"
            },
            quoteCharacter = '`')
    void refusesByFileAndPlace(String part, String instead, String message) throws IOException {
        String json = TestModels.json(TOKENIZER.resolve("tokenizer.json")).toString();
        String there = part.replace('\'', '"');
        assertThat(json).contains(there);
        Files.writeString(folder.resolve("tokenizer.json"), json.replace(there, instead.replace('\'', '"')));
        assertThatThrownBy(() -> QwenTokenizer.read(folder))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith(folder.toString())
                .hasMessageContaining(message.replace('\'', '"'));
    }

    @Test
    void refusesAFolderWithoutATokenizer() {
        assertThatThrownBy(() -> QwenTokenizer.read(folder))
                .hasMessage(folder + " holds no tokenizer; expected tokenizer.json, or vocab.json and merges.txt");
    }
}
