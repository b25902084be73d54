package io.latent4j.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.latent4j.pipeline.TextToImagePipeline;
import io.latent4j.pipeline.model.Components;
import io.latent4j.pipeline.request.GenerationRequest;
import io.latent4j.textencoder.LearnedWord;
import io.latent4j.training.config.StartOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** New words of the embedded model. */
class TextualInversionTrainingTest {
    private static final String RUN = """
            output: run
            words: {tokens: [<moon>, <star>], initial: [circle, star], vectors: 2}
            data: {folder: images, prompt: "a <moon> beside a <star>", set_aside: 0, size: 16}
            training: {steps: 3, batch: 1, rate: 1e-2, log_every: 1}
            """;

    @TempDir
    private Path folder;

    private TextualInversionTraining open(NDManager manager, List<Double> losses, String... changes)
            throws IOException {
        Path file = folder.resolve("run.yaml");
        Files.writeString(file, RUN);
        PlainImages.write(folder.resolve("images"), 2, 16);
        return TextualInversionTraining.open(
                file, new StartOptions(false, List.of(changes)), manager, new Silent(losses::add));
    }

    @Test
    void trainsTheWordsAndNothingElseAndWritesThemForRequests() throws IOException {
        List<Double> losses = new ArrayList<>();
        try (NDManager manager = NDManager.newBaseManager();
                TextualInversionTraining training = open(manager, losses)) {
            Components parts = training.parts();
            NDArray table = parts.textEncoder()
                    .block()
                    .getParameters()
                    .get("text_model.embeddings.token_embedding.weight")
                    .getArray();
            float[] before = table.toFloatArray();
            float[] first = training.words().get(0).vectors().get(0).toFloatArray();
            Optional<Path> words = training.run();
            assertThat(words).contains(folder.resolve("run/words"));
            assertThat(losses).hasSize(3).allMatch(Double::isFinite);
            assertThat(Arrays.equals(table.toFloatArray(), before)).isTrue();
            assertThat(training.words())
                    .allSatisfy(word -> assertThat(word.count()).isEqualTo(2));
            float[] last = training.words().get(0).vectors().get(0).toFloatArray();
            assertThat(last).isNotEqualTo(first);
            LearnedWord moon = LearnedWord.read(words.get().resolve("moon.safetensors"), Optional.empty(), manager);
            assertThat(moon.token()).isEqualTo("<moon>");
            assertThat(moon.vectors().get(0).toFloatArray()).containsExactly(last);
            GenerationRequest request = new GenerationRequest("a <moon>")
                    .withSeed(0)
                    .withSize(16, 16)
                    .withSteps(1);
            int[] with = pixels(parts.withWords(List.of(moon)), request);
            assertThat(with).isNotEqualTo(pixels(parts, request));
        }
    }

    private static int[] pixels(Components parts, GenerationRequest request) {
        return new TextToImagePipeline(parts).generate(request).image().getRGB(0, 0, 16, 16, null, 0, 16);
    }

    @Test
    void refusesToBeginAsMoreTokensThanVectors() throws IOException {
        try (NDManager manager = NDManager.newBaseManager()) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> open(manager, new ArrayList<>(), "words.initial=[circle, a red star]"))
                    .withMessage(folder.resolve("run.yaml") + ": words: initial is \"a red star\", which is 3 tokens to"
                            + " the model; expected 1 to 2 tokens, as vectors is 2; choose a more common word, or raise"
                            + " vectors");
            assertThatIllegalArgumentException()
                    .isThrownBy(
                            () -> open(manager, new ArrayList<>(), "words.vectors=1", "words.initial=[red star, star]"))
                    .withMessageContaining(
                            "initial is \"red star\", which is 2 tokens to the model; expected a word of one");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> open(manager, new ArrayList<>(), "words.initial=[circle]"))
                    .withMessageEndingWith(
                            "words: tokens has 2 and initial has 1; expected one or more, and as many of each");
            assertThat(folder.resolve("run")).doesNotExist();
        }
    }

    @Test
    void refusesAWordThatNoCaptionHas() throws IOException {
        try (NDManager manager = NDManager.newBaseManager()) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> open(manager, new ArrayList<>(), "data.prompt=a moon beside a <star>"))
                    .withMessageContaining("no caption has the word <moon>");
        }
    }
}
