package io.latent4j.pipeline.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.latent4j.core.nn.NamedBlock;
import io.latent4j.core.nn.Pass;
import io.latent4j.textencoder.LearnedWord;
import io.latent4j.textencoder.LearnedWords;
import io.latent4j.textencoder.PromptSyntax;
import io.latent4j.textencoder.TextEncoder;
import io.latent4j.textencoder.TextEncoderConfig;
import io.latent4j.textencoder.TextStates;
import io.latent4j.textencoder.TextTokenizer;
import io.latent4j.textencoder.TokenBatch;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A text encoder of another kind than CLIP's: it reads one sequence, masks padding and has no begin token. */
class OtherTextEncoderTest {
    private static final int WIDTH = 3;
    private static final int LETTERS = 26;
    private static final int ROOM = 6;
    private static final long END = 26;
    private static final long PADDING = 27;

    private final NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch");

    @AfterEach
    void close() {
        manager.close();
    }

    private record Shapes() implements TextEncoderConfig {
        @Override
        public int vocabularySize() {
            return LETTERS + 2;
        }

        @Override
        public int maxPositions() {
            return ROOM + 1;
        }

        @Override
        public int width() {
            return WIDTH;
        }

        @Override
        public int layers() {
            return 1;
        }

        @Override
        public int projection() {
            return 0;
        }
    }

    private static final class LetterTokenizer implements TextTokenizer {
        @Override
        public int maxLength() {
            return ROOM + 1;
        }

        @Override
        public int lead() {
            return 0;
        }

        @Override
        public int room() {
            return ROOM;
        }

        @Override
        public long vocabularySize() {
            return LETTERS + 2;
        }

        @Override
        public List<Piece> pieces(String text, LearnedWords words) {
            List<Piece> pieces = new ArrayList<>();
            for (int i = 0; i < text.length(); i++) {
                pieces.add(new Piece(List.of((long) text.charAt(i) - 'a'), i));
            }
            return pieces;
        }

        @Override
        public List<Long> framed(List<Long> ids) {
            List<Long> all = new ArrayList<>(ids);
            all.add(END);
            while (all.size() < maxLength()) {
                all.add(PADDING);
            }
            return all;
        }

        @Override
        public void close() {}
    }

    private static final class Empty extends NamedBlock {}

    /** Each state is its letter's place in the alphabet, plus the sum of all letters that are no padding. */
    private static final class LetterEncoder implements TextEncoder {
        private final NamedBlock block = new Empty();

        @Override
        public TextEncoderConfig config() {
            return new Shapes();
        }

        @Override
        public NamedBlock block() {
            return block;
        }

        @Override
        public Optional<String> keyOf(String stored) {
            return Optional.of(stored);
        }

        @Override
        public TextTokenizer tokenizer(Path folder, Optional<String> padding) {
            return new LetterTokenizer();
        }

        @Override
        public boolean readsInChunks() {
            return false;
        }

        @Override
        public NDArray embeddings() {
            throw new UnsupportedOperationException();
        }

        @Override
        public TextStates forward(Pass pass, TokenBatch tokens) {
            NDArray letters = tokens.ids().toType(DataType.FLOAT32, true);
            NDArray sum = letters.mul(tokens.mask()).sum(new int[] {1}, true);
            NDArray last = letters.add(sum).expandDims(2).repeat(2, WIDTH);
            return new TextStates(
                    List.of(last.duplicate(), last.duplicate()), last, last.get(":, 0"), Optional.empty());
        }

        @Override
        public NDArray normalized(Pass pass, NDArray hidden) {
            return hidden;
        }
    }

    private UNetConditioner conditioner() {
        TextEncoder encoder = new LetterEncoder();
        TextReader reader = new TextReader(new LetterTokenizer(), encoder, TextPart.only());
        return new UNetConditioner(
                "letters",
                List.of(reader),
                UNetConditions.STATES,
                PartWeights.loaded(),
                TextCache.of(List.of(reader), manager, 0));
    }

    private float[] states(String text, PromptSyntax syntax) {
        try (TextSession session = conditioner().open(new TextOptions(syntax, 1), List.of(), manager)) {
            NDArray context = session.conditioning(List.of(List.of(text)), 8, 8, Optional.empty())
                    .context();
            assertThat(context.getShape()).isEqualTo(new Shape(1, ROOM + 1, WIDTH));
            return context.get("0, :, 0").toFloatArray();
        }
    }

    @Test
    void isReadAsOneSequenceWithoutItsPadding() {
        float[] expected = {1 + 29, 2 + 29, 26 + 29, 27 + 29, 27 + 29, 27 + 29, 27 + 29}; // 1 + 2 + 26 count

        assertThat(states("bc", PromptSyntax.PLAIN)).containsExactly(expected);
        assertThat(states("bc", PromptSyntax.WEIGHTED)).containsExactly(expected);
        assertThat(conditioner()
                        .encode(Pass.inference(), manager, List.of("bc"), 1)
                        .context()
                        .get("0, :, 0")
                        .toFloatArray())
                .containsExactly(expected);
    }

    @Test
    void leavesOutWhatIsTooLongInsteadOfReadingChunks() {
        assertThat(states("abcdefgh", PromptSyntax.WEIGHTED)).isEqualTo(states("abcdef", PromptSyntax.PLAIN));
        for (PromptSyntax syntax : PromptSyntax.values()) {
            assertThat(conditioner()
                            .cut("abcdefgh", new TextOptions(syntax, 1))
                            .orElseThrow()
                            .limit())
                    .isEqualTo(ROOM);
            assertThat(conditioner()
                            .cut("abcdefgh", new TextOptions(syntax, 1))
                            .orElseThrow()
                            .text())
                    .isEqualTo("gh");
            assertThat(conditioner().cut("abcdef", new TextOptions(syntax, 1))).isEmpty();
        }
    }

    @Test
    void refusesWordsOfAnotherWidth() {
        LearnedWord word = new LearnedWord("moon", manager.zeros(new Shape(1, 4)));

        assertThatIllegalArgumentException()
                .isThrownBy(() -> LearnedWords.of(new Shapes(), List.of(word)))
                .withMessageContaining("4 wide; expected 3, as the text encoder is");
    }
}
