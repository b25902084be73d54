package io.latent4j.textencoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.Shape;
import io.latent4j.core.nn.Pass;
import io.latent4j.core.random.TorchRandom;
import io.latent4j.core.weights.SafeTensors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LearnedWordTest {
    @TempDir
    private Path folder;

    private NDManager manager;

    @BeforeEach
    void open() {
        manager = NDManager.newBaseManager();
    }

    @AfterEach
    void close() {
        manager.close();
    }

    private NDArray vectors(long count, long width) {
        return new TorchRandom(count * width).normal(manager, new Shape(count, width));
    }

    private Path write(String name, Map<String, NDArray> tensors) throws IOException {
        Path file = folder.resolve(name);
        SafeTensors.write(file, tensors, Map.of());
        return file;
    }

    @Test
    void aWordForTwoEncodersIsWrittenAndReadAgain() throws IOException {
        LearnedWord moon = new LearnedWord("<moon>", List.of(vectors(2, 8), vectors(2, 12)));
        Path file = folder.resolve("anything.safetensors");
        moon.write(file);
        LearnedWord read = LearnedWord.read(file, Optional.empty(), manager);
        assertThat(read).isEqualTo(moon);
        assertThat(read.of(0, 2).vectors()).containsExactly(moon.vectors().get(0));
        assertThat(read.of(1, 2).vectors()).containsExactly(moon.vectors().get(1));
        try (SafeTensors stored = SafeTensors.open(file)) {
            assertThat(stored.tensors().keySet()).containsExactlyInAnyOrder("clip_l", "clip_g");
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> read.of(0, 1))
                .withMessage("the learned word <moon> is for a model with 2 text encoders, SDXL for instance; this one"
                        + " has 1; use it with the model it was made for");
    }

    @Test
    void aFileOfOthersHasTheNameOfTheFileAsItsWord() throws IOException {
        Path file = write("ink.safetensors", Map.of("clip_l", vectors(1, 8), "clip_g", vectors(1, 12)));
        assertThat(LearnedWord.read(file, Optional.empty(), manager).token()).isEqualTo("ink");
        assertThat(LearnedWord.read(file, Optional.of("<fog>"), manager).token())
                .isEqualTo("<fog>");
        Path single = write("one.safetensors", Map.of("emb_params", vectors(3, 8)));
        assertThat(LearnedWord.read(single, Optional.empty(), manager).count()).isEqualTo(3);
    }

    @Test
    void refusesWhatIsNoWord() throws IOException {
        refuses("holds [clip_l]; expected [clip_l, clip_g]", Map.of("clip_l", vectors(1, 8)));
        refuses(
                "are (1, 8) and (2, 12); expected equally many",
                Map.of("clip_l", vectors(1, 8), "clip_g", vectors(2, 12)));
        refuses("holds 2 tensors; expected one", Map.of("a", vectors(1, 8), "b", vectors(1, 8)));
        refuses("expected (width) or (count, width)", Map.of("a", manager.zeros(new Shape(1, 2, 3))));
        refuses("infinite or not a number", Map.of("a", manager.full(new Shape(1, 2), Float.NaN)));
    }

    private void refuses(String message, Map<String, NDArray> tensors) throws IOException {
        Path file = write("bad.safetensors", tensors);
        assertThatThrownBy(() -> LearnedWord.read(file, Optional.empty(), manager))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith(file + ": ")
                .hasMessageContaining(message);
    }

    /** Its ids are above the end token's, which older configs call the largest. */
    @Test
    void theSummaryIsThatOfTheEndToken() {
        ClipTextConfig config = new ClipTextConfig(
                20, 8, 16, 1, 2, 6, ClipTextConfig.Activation.GELU, 1e-5, 2, 4); // end token 19, as the largest
        ClipTextModel model = new ClipTextModel(config);
        TorchRandom random = new TorchRandom(1);
        model.load(
                "random",
                model.shapes(),
                key -> random.normal(manager, model.shapes().get(key)));
        LearnedWords words = LearnedWords.of(config, List.of(new LearnedWord("<moon>", vectors(1, 8))));
        NDArray ids = manager.create(new long[] {18, 20, 3, 19, 19, 19}, new Shape(1, 6));
        TextStates states = model.forward(Pass.inference(), new TokenBatch(ids, List.of(6), words));
        assertThat(states.pooled().get(0)).isEqualTo(states.last().get(0).get(3));
    }

    private LearnedWords words(String... tokens) {
        ClipTextConfig config = new ClipTextConfig(20, 8, 16, 1, 2, 6, ClipTextConfig.Activation.GELU, 1e-5, 2, 4);
        return LearnedWords.of(
                config,
                Arrays.stream(tokens)
                        .map(token -> new LearnedWord(token, vectors(1, 8)))
                        .toList());
    }

    @Test
    void aWordIsFoundWhateverItsCase() {
        LearnedWords words = words("EasyNegative", "moon", "Moon");
        assertThat(words.split("an easynegative, EASYNEGATIVE easynegatives"))
                .extracting(LearnedWords.Piece::text)
                .containsExactly("an ", "easynegative", ", ", "EASYNEGATIVE", " easynegatives");
        assertThat(words.split("Moon")).extracting(LearnedWords.Piece::ids).containsExactly(List.of(22L));
        assertThat(words.split("moon")).extracting(LearnedWords.Piece::ids).containsExactly(List.of(21L));
        assertThat(words.split("MOON")).extracting(LearnedWords.Piece::ids).containsExactly(List.of(21L));
    }

    @Test
    void saysWhichWordsNoTextHas() {
        LearnedWords words = words("ink", "fog", "<moon>");
        assertThat(words.unused(List.of("an (INK:1.2) boat", "a <Moon>"))).containsExactly("fog");
        assertThat(words.unused(List.of())).containsExactly("ink", "fog", "<moon>");
    }

    @Test
    void vectorsThatAnAdapterBringsAreAWord() {
        assertThat(LearnedWord.of("fog", Map.of("clip_l", vectors(1, 8).reshape(8)))
                        .count())
                .isEqualTo(1);
        assertThat(LearnedWord.of("fog", Map.of("clip_g", vectors(2, 12), "clip_l", vectors(2, 8)))
                        .vectors()
                        .get(0)
                        .getShape())
                .isEqualTo(new Shape(2, 8));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> LearnedWord.of("fog", Map.of("a", vectors(1, 8), "b", vectors(1, 8))))
                .withMessageContaining("expected one, or those of [clip_l, clip_g]");
    }

    @Test
    @SuppressWarnings("try")
    void isReadWithinAScopeThatIsOpen() throws IOException {
        Path file = write("ink.safetensors", Map.of("emb_params", vectors(1, 8)));
        LearnedWord word;
        try (NDScope scope = new NDScope()) {
            word = LearnedWord.read(file, Optional.empty(), manager);
        }
        assertThat(word.vectors().get(0).toFloatArray()).hasSize(8);
    }
}
