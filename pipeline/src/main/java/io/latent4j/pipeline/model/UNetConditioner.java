package io.latent4j.pipeline.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import io.latent4j.core.nn.Pass;
import io.latent4j.core.ops.Ops;
import io.latent4j.lora.LoraUse;
import io.latent4j.pipeline.request.MicroConditioning;
import io.latent4j.textencoder.PromptEncoder;
import io.latent4j.textencoder.TextStates;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The conditioning of a model with one or more text encoders, whose states lie side by side. */
final class UNetConditioner implements TextConditioner {
    private final String model;
    private final List<TextReader> readers;
    private final UNetConditions conditions;
    private final PartWeights weights;
    private final TextCache cache;

    /** @param model what it is called, for messages */
    UNetConditioner(
            String model, List<TextReader> readers, UNetConditions conditions, PartWeights weights, TextCache cache) {
        this.model = model;
        this.readers = List.copyOf(readers);
        this.conditions = conditions;
        this.weights = weights;
        this.cache = cache;
    }

    /** This with other learned words in its readers. */
    UNetConditioner with(List<TextReader> readers) {
        return new UNetConditioner(model, readers, conditions, weights, cache);
    }

    @Override
    public List<String> words() {
        return readers.get(0).words().tokens();
    }

    List<TextReader> readers() {
        return readers;
    }

    UNetConditions conditions() {
        return conditions;
    }

    TextCache cache() {
        return cache;
    }

    @Override
    public void check(TextOptions options, Optional<MicroConditioning> micro) {
        if (micro.isPresent() && !conditions.takesMicro()) {
            throw new IllegalArgumentException("there is a micro-conditioning, which " + model
                    + " is not told; expected none, or a Stable Diffusion XL");
        }
        options.maxTokens().ifPresent(most -> {
            throw new IllegalArgumentException("the number of tokens is " + most + ", but " + model + " reads "
                    + readers.get(0).tokenizer().maxLength()
                    + " at a time; expected none, or a model with T5 or Qwen3");
        });
        readers.forEach(reader -> encoder(reader, options.clipSkip())); // refuses to skip layers that are not there
    }

    private PromptEncoder encoder(TextReader reader, int clipSkip) {
        return new PromptEncoder(reader.encoder(), conditions.readout(), clipSkip);
    }

    @Override
    public TextSession open(TextOptions options, List<LoraUse> adapters, NDManager results) {
        return new Session(options, adapters, results);
    }

    @Override
    public Optional<Cut> cut(String text, TextOptions options) {
        TextReader first = readers.get(0);
        return first.cut(text, options.syntax())
                .map(cut -> new Cut(first.tokenizer().room(), cut));
    }

    @Override
    public Conditioning encode(Pass pass, NDManager manager, List<String> texts, int clipSkip) {
        NDList contexts = new NDList();
        Optional<NDArray> pooled = Optional.empty();
        for (TextReader reader : readers) {
            TextStates states = reader.encoder().forward(pass, reader.encode(manager, texts));
            NDArray read = encoder(reader, clipSkip).readout(pass, states);
            contexts.add(Ops.cast(read, DataType.FLOAT32));
            pooled = states.projected();
        }
        NDArray context = contexts.size() == 1 ? contexts.get(0) : NDArrays.concat(contexts, 2);
        return conditions.encoded(context, pooled.map(p -> Ops.cast(p, DataType.FLOAT32)), texts);
    }

    @Override
    public List<String> arrays() {
        return conditions.arrays();
    }

    @Override
    public Conditioning sized(Conditioning encoded, int width, int height) {
        return conditions.sized(encoded, width, height);
    }

    /** The encoders while a run reads its texts: adapters' arrays are made once. */
    private final class Session implements TextSession {
        private final TextOptions options;
        private final NDManager results;
        private final TextPasses passes;
        private final Map<String, EncodedText> encoded = new HashMap<>();

        private Session(TextOptions options, List<LoraUse> uses, NDManager results) {
            this.options = options;
            this.results = results;
            this.passes = new TextPasses(weights, uses, results);
        }

        /** Texts become equally long: what is shorter is followed by empty texts. */
        @Override
        public Conditioning conditioning(
                List<List<String>> sides, int width, int height, Optional<MicroConditioning> micro) {
            List<String> texts = sides.stream().flatMap(List::stream).toList();
            Map<String, EncodedText> each = new HashMap<>();
            texts.forEach(text -> each.computeIfAbsent(text, this::encoded));
            long tokens =
                    each.values().stream().mapToLong(EncodedText::tokens).max().orElseThrow();
            each.replaceAll((text, own) -> own.tokens() == tokens ? own : own.followed(encoded(""), tokens));
            NDList contexts = new NDList();
            NDList pooled = new NDList();
            for (String text : texts) {
                contexts.add(each.get(text).context());
                each.get(text).summary().ifPresent(pooled::add);
            }
            return conditions.of(
                    NDArrays.concat(contexts),
                    pooled.isEmpty() ? Optional.empty() : Optional.of(NDArrays.concat(pooled)),
                    new UNetConditions.Step(sides, width, height, micro),
                    results);
        }

        private EncodedText encoded(String text) {
            EncodedText known = encoded.get(text);
            if (known == null) {
                TextCache.Key key = TextCache.Key.of(text, options, readers, passes.uses());
                known = EncodedText.of(cache.get(key, results, () -> read(text).conditioning()));
                encoded.put(text, known);
            }
            return known;
        }

        private EncodedText read(String text) {
            return EncodedText.of(
                    readers,
                    reader -> encoder(reader, options.clipSkip()),
                    text,
                    options.syntax(),
                    passes::of,
                    results);
        }

        @Override
        public void close() {
            passes.close();
        }
    }
}
