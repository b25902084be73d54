package io.latent4j.textencoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.latent4j.core.config.Config;
import java.io.IOException;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PromptChunkTest {
    private ClipTokenizer tokenizer;

    @BeforeEach
    void open() throws IOException {
        tokenizer = ClipTokenizer.read(TestModels.resource("sd15-tiny/tokenizer"));
    }

    @AfterEach
    void close() {
        tokenizer.close();
    }

    private List<PromptChunk> chunks(String text) {
        return PromptChunk.of(WeightedText.parse(text), tokenizer, LearnedWords.none());
    }

    /** A text of so many tokens: one letter, which is a token in every vocabulary, again and again. */
    private static String letters(int count) {
        return "a ".repeat(count).strip();
    }

    /** How many tokens are in each chunk. */
    private List<Integer> sizes(List<PromptChunk> chunks) {
        return chunks.stream()
                .map(chunk -> chunk.ids().indexOf(tokenizer.eos()) - 1)
                .toList();
    }

    @Test
    void aShortTextIsOneChunkTheSameAsThePlainOne() {
        for (String text : List.of("", "a red circle", letters(75))) {
            assertThat(chunks(text)).containsExactly(PromptChunk.of(text, tokenizer, LearnedWords.none()));
        }
        assertThat(chunks("a").get(0).ids())
                .hasSize(77)
                .startsWith(tokenizer.bos())
                .endsWith(tokenizer.eos(), tokenizer.pad());
    }

    @Test
    void thePlainOneEndsWhereTheModelDoes() {
        PromptChunk chunk = PromptChunk.of("(" + letters(100), tokenizer, LearnedWords.none());
        assertThat(chunk.ids()).isEqualTo(tokenizer.encode("(" + letters(100)).ids());
        assertThat(chunk.weights()).containsOnly(1.0).hasSize(77);
    }

    @Test
    void eachTokenHasItsWeight() {
        PromptChunk chunk = chunks("a (a a:1.5) a [a]").get(0);
        assertThat(chunk.ids()).isEqualTo(tokenizer.encode(letters(5)).ids());
        assertThat(chunk.weights().subList(0, 6)).containsExactly(1.0, 1.0, 1.5, 1.5, 1.0, 1 / 1.1);
        assertThat(chunk.weights().subList(6, 77)).containsOnly(1.0);
    }

    @Test
    void alongTextTakesSeveralOfSeventyFive() {
        assertThat(sizes(chunks(letters(76)))).containsExactly(75, 1);
        assertThat(sizes(chunks(letters(225)))).containsExactly(75, 75, 75);
        List<PromptChunk> chunks = chunks(letters(70) + " (" + letters(10) + ":1.4)");
        assertThat(chunks.get(0).weights().subList(70, 77)).containsExactly(1.0, 1.4, 1.4, 1.4, 1.4, 1.4, 1.0);
        assertThat(chunks.get(1).weights().subList(0, 7)).containsExactly(1.0, 1.4, 1.4, 1.4, 1.4, 1.4, 1.0);
        assertThat(chunks.get(1).ids()).isEqualTo(tokenizer.encode(letters(5)).ids());
    }

    @Test
    void breakBeginsAnother() {
        assertThat(sizes(chunks("a a BREAK a"))).containsExactly(2, 1);
        assertThat(sizes(chunks("a BREAK BREAK a BREAK"))).containsExactly(1, 0, 1);
        assertThat(sizes(chunks("BREAK"))).containsExactly(0);
        assertThat(sizes(chunks(letters(80) + " BREAK a"))).containsExactly(75, 5, 1);
        assertThat(sizes(chunks(letters(75) + " BREAK a"))).containsExactly(75, 1);
    }

    @Test
    void refusesWhatTakesTooManyChunks() {
        assertThat(chunks("a BREAK ".repeat(99) + "a")).hasSize(100);
        String message = "the prompt takes more than 100 chunks of 75 tokens; expected a shorter prompt, or fewer"
                + " sections (BREAK)";
        for (String text : List.of("a BREAK ".repeat(100) + "a", letters(7501))) {
            assertThatIllegalArgumentException().isThrownBy(() -> chunks(text)).withMessage(message);
        }
        assertThat(chunks(letters(7500))).hasSize(100);
    }

    @Test
    void whatFollowsTheLastCommaGoesAlongIfItIsShort() {
        String nineteen = letters(55) + ", " + letters(19);
        assertThat(sizes(chunks(nineteen))).containsExactly(75);
        assertThat(sizes(chunks(nineteen + " a"))).containsExactly(56, 20);
        assertThat(sizes(chunks(letters(54) + ", " + letters(21)))).containsExactly(75, 1);
        assertThat(sizes(chunks(letters(75) + ", a"))).containsExactly(75, 2);
        assertThat(sizes(chunks(letters(74) + ", a"))).containsExactly(75, 1);
    }

    @Test
    void theTokensOfALearnedWordStayTogether() throws IOException {
        ClipTextConfig model =
                ClipTextConfig.from(Config.read(TestModels.resource("sd15-tiny/text_encoder/config.json")));
        try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
            LearnedWord moon = new LearnedWord("<moon>", manager.ones(new Shape(4, model.width())));
            LearnedWord sea = new LearnedWord("<sea>", manager.ones(new Shape(100, model.width())));
            LearnedWords words = LearnedWords.of(model, List.of(moon, sea));
            WeightedText text = WeightedText.parse(letters(72) + " (<moon>:1.2) a");
            List<PromptChunk> chunks = PromptChunk.of(text, tokenizer, words);
            assertThat(sizes(chunks)).containsExactly(72, 5);
            assertThat(chunks.get(1).ids().subList(1, 5)).containsExactly(1000L, 1001L, 1002L, 1003L);
            assertThat(chunks.get(1).weights().subList(0, 6)).containsExactly(1.0, 1.2, 1.2, 1.2, 1.2, 1.0);

            assertThat(sizes(PromptChunk.of(WeightedText.parse("a <sea> a"), tokenizer, words)))
                    .containsExactly(1, 75, 26);
        }
    }

    @Test
    void refusesWeightsOfOtherTokens() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new PromptChunk(List.of(1L, 2L), Collections.nCopies(3, 1.0)))
                .withMessage("there are 2 ids and 3 weights; expected a weight for each id");
    }
}
