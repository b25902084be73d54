package io.latent4j.pipeline.model.transformer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import io.latent4j.core.config.Shown;
import io.latent4j.core.nn.Pass;
import io.latent4j.core.ops.Ops;
import io.latent4j.lora.LoraUse;
import io.latent4j.pipeline.model.Conditioning;
import io.latent4j.pipeline.model.PartWeights;
import io.latent4j.pipeline.model.TextCache;
import io.latent4j.pipeline.model.TextConditioner;
import io.latent4j.pipeline.model.TextOptions;
import io.latent4j.pipeline.model.TextPasses;
import io.latent4j.pipeline.model.TextSession;
import io.latent4j.pipeline.request.MicroConditioning;
import io.latent4j.textencoder.PromptSyntax;
import io.latent4j.textencoder.WeightedText;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The conditioning of a model that reads texts in plain words.
 *
 * @param model what it is called, for messages
 * @param weights of the text encoders
 * @param cache of what they made of the last texts
 */
record TransformerText(String model, TextEncoding encoding, PartWeights weights, TextCache cache)
        implements TextConditioner {

    @Override
    public void check(TextOptions options, Optional<MicroConditioning> micro) {
        if (micro.isPresent()) {
            throw new IllegalArgumentException("there is a micro-conditioning, which " + model
                    + " is not told; expected none, or a Stable Diffusion XL");
        }
        if (options.clipSkip() != 1) {
            throw new IllegalArgumentException("the clip skip is " + options.clipSkip() + "; expected 1, as " + model
                    + " was trained with one layer of its text encoders");
        }
        if (options.maxTokens().orElse(1) > encoding.mostTokens()) {
            throw new IllegalArgumentException(
                    "the number of tokens is " + options.maxTokens().getAsInt() + "; expected at most "
                            + encoding.mostTokens() + ", which " + model + " reads");
        }
    }

    @Override
    public TextSession open(TextOptions options, List<LoraUse> adapters, NDManager results) {
        return new Session(options, adapters, results);
    }

    @Override
    public Optional<Cut> cut(String text, TextOptions options) {
        return encoding.cut(words(text, options.syntax()), tokens(options));
    }

    @Override
    public Optional<String> ignored(String text, TextOptions options) {
        if (options.syntax() == PromptSyntax.PLAIN
                || words(text, options.syntax()).equals(text)) {
            return Optional.empty();
        }
        return Optional.of(" has weights or sections, which " + model + " does not follow: it reads \""
                + Shown.text(words(text, options.syntax()))
                + "\"; with the syntax plain, brackets are read as they are");
    }

    private int tokens(TextOptions options) {
        return options.maxTokens().orElse(encoding.tokens());
    }

    /** A text without the marks of its weights and sections. */
    private static String words(String text, PromptSyntax syntax) {
        return syntax == PromptSyntax.PLAIN
                ? text
                : WeightedText.parse(text).sections().stream()
                        .map(section ->
                                section.stream().map(WeightedText.Span::text).collect(Collectors.joining()))
                        .collect(Collectors.joining(" "));
    }

    @Override
    public Conditioning encode(Pass pass, NDManager manager, List<String> texts, int clipSkip) {
        check(new TextOptions(PromptSyntax.PLAIN, clipSkip), Optional.empty());
        return encoding.encode(part -> pass, manager, texts, encoding.tokens())
                .mapped(array -> Ops.cast(array, DataType.FLOAT32));
    }

    @Override
    public List<String> arrays() {
        return encoding.arrays();
    }

    @Override
    public Conditioning sized(Conditioning encoded, int width, int height) {
        return encoded;
    }

    /** The encoders while a run reads its texts, each once: adapters' arrays are made once too. */
    private final class Session implements TextSession {
        private final TextOptions options;
        private final NDManager results;
        private final TextPasses passes;
        private final Map<String, Conditioning> read = new HashMap<>();

        private Session(TextOptions options, List<LoraUse> uses, NDManager results) {
            this.options = options;
            this.results = results;
            this.passes = new TextPasses(weights, uses, results);
        }

        @Override
        public Conditioning conditioning(
                List<List<String>> sides, int width, int height, Optional<MicroConditioning> micro) {
            List<Conditioning> rows =
                    sides.stream().flatMap(List::stream).map(this::read).toList();
            Conditioning all = Conditioning.of(
                    joined(rows.stream().map(Conditioning::context).toList()));
            for (String name : rows.get(0).more().keySet()) {
                all = all.with(
                        name,
                        joined(rows.stream().map(row -> row.more().get(name)).toList()));
            }
            return all;
        }

        private Conditioning read(String text) {
            return read.computeIfAbsent(
                    text,
                    unread ->
                            cache.get(TextCache.Key.of(unread, options, passes.uses()), results, () -> encode(unread)));
        }

        private Conditioning encode(String text) {
            return encoding.encode(passes::of, results, List.of(words(text, options.syntax())), tokens(options));
        }

        @Override
        public void close() {
            passes.close();
        }
    }

    private static NDArray joined(List<NDArray> rows) {
        return rows.size() == 1 ? rows.get(0) : NDArrays.concat(new NDList(rows));
    }
}
