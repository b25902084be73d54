package io.latent4j.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import com.google.common.collect.ImmutableMap;
import io.latent4j.core.config.Config;
import io.latent4j.core.config.Counted;
import io.latent4j.core.memory.Leases;
import io.latent4j.pipeline.TextToImagePipeline;
import io.latent4j.pipeline.model.Components;
import io.latent4j.pipeline.model.TextReader;
import io.latent4j.textencoder.LearnedWord;
import io.latent4j.training.config.RunPlan;
import io.latent4j.training.config.StartOptions;
import io.latent4j.training.data.CaptionedImages;
import io.latent4j.training.model.InvertedModel;
import io.latent4j.training.optimizer.Parameters;
import io.latent4j.training.run.ModelFolder;
import io.latent4j.training.run.RunFolder;
import io.latent4j.training.run.TrainingLoop;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * Teaches a model new words (<a href="https://arxiv.org/abs/2208.01618">Gal et al. 2022</a>): trains the vectors they
 * stand for, and nothing else. Writes a file for each in {@code words} in the run's folder.
 */
public final class TextualInversionTraining implements Training {
    private final RunFolder output;
    private final FineTuning base;
    private final List<LearnedWord> words;
    private final TrainingLoop loop;

    /**
     * Takes over {@code output}.
     *
     * @param provided images to train on, instead of those that {@code plan} names
     */
    TextualInversionTraining(
            NDManager manager,
            TextualInversionPlan plan,
            Optional<CaptionedImages> provided,
            RunFolder output,
            TrainingLoop.Watcher watcher)
            throws IOException {
        this.output = output;
        List<String> tokens = plan.tokens();
        this.base = FineTuning.open(manager, plan.base(), provided, output, watcher);
        try {
            Components parts = base.parts();
            words = new ArrayList<>();
            for (int i = 0; i < tokens.size(); i++) {
                checkTokens(plan.section(), plan.initial().get(i), plan.vectors(), parts);
                words.add(begun(tokens.get(i), plan.vectors(), plan.initial().get(i), parts));
            }
            Components adapted = parts.withWords(words);
            tokens.forEach(token -> requireInCaptions(plan.section(), token));
            ImmutableMap.Builder<String, NDArray> arrays = ImmutableMap.builder();
            for (LearnedWord word : words) {
                arrays.put(word.token(), word.vectors().get(0));
                word.vectors().stream().skip(1).forEach(second -> arrays.put(word.token() + " (2)", second));
            }
            this.loop = base.loop(
                    "textual inversion",
                    output,
                    Parameters.ofArrays(arrays.buildOrThrow()),
                    base.objective(new InvertedModel(base.conditioner(adapted)), adapted.readers()),
                    new TextToImagePipeline(adapted),
                    UnaryOperator.identity(),
                    watcher);
        } catch (IOException | RuntimeException | Error e) {
            try (base) {
                throw e;
            }
        }
    }

    /** A vector begins as one token's: tokens beyond the vectors would be ignored. */
    private static void checkTokens(Config section, String initial, int vectors, Components parts) {
        for (TextReader reader : parts.readers()) {
            int count = reader.tokenizer().encode(initial).count();
            if (count < 1 || count > vectors) {
                throw section.bad(
                        "initial",
                        "\"" + initial + "\", which is " + Counted.of(count, "token") + " to the model",
                        (vectors == 1 ? "a word of one token" : "1 to " + vectors + " tokens, as vectors is " + vectors)
                                + (count > vectors ? "; choose a more common word, or raise vectors" : ""));
            }
        }
    }

    private static LearnedWord begun(String token, int count, String initial, Components parts) {
        return new LearnedWord(
                token,
                parts.readers().stream()
                        .map(reader -> LearnedWord.like(
                                token, count, initial, reader.encoder(), reader.tokenizer(), parts.manager()))
                        .toList());
    }

    private void requireInCaptions(Config section, String token) {
        if (base.captions().noneMatch(caption -> caption.contains(token))) {
            throw new IllegalArgumentException(section.name() + ": no caption has the word " + token
                    + "; expected it in some, or data.prompt with it for images without captions");
        }
    }

    /**
     * Reads and checks a run file, makes its folder, and makes the run ready.
     *
     * @param manager whose device is where training runs
     * @throws IllegalArgumentException naming all that is wrong in the file, before the folder is made
     * @throws IOException if a file cannot be read, or another process is at this run
     * @throws java.util.concurrent.CancellationException if {@code watcher} stops it while it makes class images
     */
    public static TextualInversionTraining open(
            Path file, StartOptions options, NDManager manager, TrainingLoop.Watcher watcher) throws IOException {
        TextualInversionPlan plan = TextualInversionPlan.read(
                RunPlan.file(file, options), options.images().isPresent());
        return RunFolder.begin(
                plan.base().run().output(),
                options.fresh(),
                watcher,
                output -> new TextualInversionTraining(manager, plan, options.images(), output, watcher));
    }

    /** Trains, and writes the words; answers their folder. */
    @Override
    public Optional<Path> run() throws IOException {
        try (Leases.Lease use = output.use()) {
            return loop.run(output, step -> save(output.after(step, "words", "")))
                    ? Optional.of(save(output.path().resolve("words")))
                    : Optional.empty();
        }
    }

    /** Writes the words as they are now, averaged, to {@code folder}. */
    public Path save(Path folder) throws IOException {
        try (Leases.Lease use = output.use()) {
            loop.averaged(() -> ModelFolder.write(folder, draft -> {
                for (int i = 0; i < words.size(); i++) {
                    words.get(i).write(draft.resolve(name(i) + ".safetensors"));
                }
            }));
        }
        return folder;
    }

    /** The word's letters, and its number where that is not enough. */
    private String name(int index) {
        String name = letters(index);
        boolean taken = name.isEmpty();
        for (int i = 0; i < words.size(); i++) {
            taken |= i != index && letters(i).equalsIgnoreCase(name);
        }
        return taken ? name + (index + 1) : name;
    }

    private String letters(int index) {
        return words.get(index).token().replaceAll("[^\\p{L}\\p{N}_-]", "");
    }

    /** The model with which it trains. */
    Components parts() {
        return base.parts();
    }

    /** What it trains. */
    List<LearnedWord> words() {
        return words;
    }

    @Override
    public void close() {
        output.close(base::close);
    }
}
