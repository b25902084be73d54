package io.latent4j.textencoder;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PromptSequenceTest {
    /** Letters, five of which fit, behind two ids and before one; 0 is padding. */
    private static final TextTokenizer LETTERS = new TextTokenizer() {
        @Override
        public int maxLength() {
            return 8;
        }

        @Override
        public int lead() {
            return 2;
        }

        @Override
        public int room() {
            return 5;
        }

        @Override
        public long vocabularySize() {
            return 200;
        }

        @Override
        public List<Piece> pieces(String text, LearnedWords words) {
            return text.codePoints()
                    .boxed()
                    .map(letter -> new Piece(List.of((long) letter), text.indexOf(letter)))
                    .toList();
        }

        @Override
        public List<Long> framed(List<Long> ids) {
            List<Long> all = new ArrayList<>(List.of(1L, 2L));
            all.addAll(ids);
            all.add(3L);
            while (all.size() < maxLength()) {
                all.add(0L);
            }
            return all;
        }

        @Override
        public void close() {}
    };

    private static PromptSequence of(String text) {
        return PromptSequence.of(WeightedText.parse(text), LETTERS, LearnedWords.none());
    }

    @Test
    void weighsTokensWhereTheyStand() {
        PromptSequence sequence = of("a(b:2)c");

        assertThat(sequence.chunk().ids()).containsExactly(1L, 2L, 97L, 98L, 99L, 3L, 0L, 0L);
        assertThat(sequence.chunk().weights()).containsExactly(1.0, 1.0, 1.0, 2.0, 1.0, 1.0, 1.0, 1.0);
        assertThat(sequence.chunk().length()).isEqualTo(6);
        assertThat(sequence.cut()).isEmpty();
    }

    @Test
    void leavesOutWhatDoesNotFitAndSaysIt() {
        PromptSequence sequence = of("abc(defg:1.5)hi");

        assertThat(sequence.chunk().ids()).containsExactly(1L, 2L, 97L, 98L, 99L, 100L, 101L, 3L);
        assertThat(sequence.chunk().weights()).containsExactly(1.0, 1.0, 1.0, 1.0, 1.0, 1.5, 1.5, 1.0);
        assertThat(sequence.chunk().length()).isEqualTo(8);
        assertThat(sequence.cut()).contains("fghi");
    }

    @Test
    void sectionsFollowEachOther() {
        assertThat(of("ab BREAK c").chunk().ids()).containsExactly(1L, 2L, 97L, 98L, 99L, 3L, 0L, 0L);
    }

    @Test
    void chunksAndPlainTextsAreFramedAlike() {
        PromptChunk plain = PromptChunk.of("abcdefg", LETTERS, LearnedWords.none());
        List<PromptChunk> chunks = PromptChunk.of(WeightedText.parse("abcde(fg:2)"), LETTERS, LearnedWords.none());

        assertThat(plain).isEqualTo(of("abcdefg").chunk());
        assertThat(chunks.get(0)).isEqualTo(plain);
        assertThat(chunks.get(1).ids()).containsExactly(1L, 2L, 102L, 103L, 3L, 0L, 0L, 0L);
        assertThat(chunks.get(1).weights()).containsExactly(1.0, 1.0, 2.0, 2.0, 1.0, 1.0, 1.0, 1.0);
        assertThat(chunks.get(1).length()).isEqualTo(5);
    }
}
