package io.latent4j.pipeline.model.sd3;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.latent4j.core.config.Config;
import io.latent4j.core.nn.Pass;
import io.latent4j.lora.LoraPart;
import io.latent4j.pipeline.model.Conditioning;
import io.latent4j.pipeline.model.TextConditioner.Cut;
import io.latent4j.pipeline.model.transformer.ClipReader;
import io.latent4j.pipeline.model.transformer.T5Reader;
import io.latent4j.pipeline.model.transformer.TextEncoding;
import io.latent4j.textencoder.TextStates;
import io.latent4j.textencoder.TextTokenizer;
import io.latent4j.textencoder.TokenBatch;
import io.latent4j.textencoder.t5.T5Tokenizer;
import io.latent4j.transformer.sd3.SD3Transformer2DConfig;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Reads a text with all encoders: the CLIPs' last states but one side by side, filled up with zeros to the width of T5's,
 * and after them T5's, of which padding counts too. Without T5 its states are zeros. The pooled text is that of both CLIPs.
 *
 * @param clips the two, in their order
 * @param width of the context
 */
record StableDiffusion3Encoding(List<ClipReader> clips, Optional<T5Reader> t5, int width) implements TextEncoding {
    static final int TOKENS = 256;
    private static final int MOST_TOKENS = 512;

    StableDiffusion3Encoding {
        clips = List.copyOf(clips);
    }

    /** Checks that the transformer takes what is made here. */
    void check(SD3Transformer2DConfig transformer, Config config) {
        int states =
                clips.stream().mapToInt(clip -> clip.encoder().config().width()).sum();
        if (states > width) {
            throw config.bad(
                    "joint_attention_dim",
                    "is " + width + "; expected at least " + states + ", the CLIPs' hidden_size together");
        }
        if (t5.isPresent() && t5.get().encoder().config().width() != width) {
            throw config.bad(
                    "joint_attention_dim",
                    "is " + width + "; expected " + t5.get().encoder().config().width() + ", T5's d_model");
        }
        int pooled = 0;
        for (ClipReader clip : clips) {
            int projection = clip.encoder().config().projection();
            if (projection == 0) {
                throw new IllegalArgumentException(clip.folder()
                        + "/config.json: is of a CLIP without projection; expected one with projection_dim");
            }
            pooled += projection;
        }
        if (pooled != transformer.pooledChannels()) {
            throw config.bad(
                    "pooled_projection_dim",
                    "is " + transformer.pooledChannels() + "; expected " + pooled
                            + ", the CLIPs' projection_dim together");
        }
    }

    @Override
    public int tokens() {
        return TOKENS;
    }

    @Override
    public int mostTokens() {
        return MOST_TOKENS;
    }

    @Override
    public Conditioning encode(Function<LoraPart, Pass> passes, NDManager manager, List<String> texts, int tokens) {
        NDList states = new NDList();
        NDList pooled = new NDList();
        for (ClipReader clip : clips) {
            NDArray ids = clip.tokenizer().encode(manager, texts);
            TextStates read = clip.encoder().forward(passes.apply(clip.part()), TokenBatch.of(ids));
            states.add(read.penultimate());
            pooled.add(read.projected().orElseThrow());
        }
        NDArray both = NDArrays.concat(states, 2);
        Shape shape = both.getShape();
        long missing = width - shape.get(2);
        NDArray wide = missing == 0
                ? both
                : both.concat(zeros(manager, both, new Shape(shape.get(0), shape.get(1), missing)), 2);
        NDArray rest = t5.map(reader -> reader.encoder()
                        .last(
                                passes.apply(LoraPart.TEXT_ENCODER_3),
                                TokenBatch.of(
                                        reader.tokenizer().withMaxLength(tokens).encode(manager, texts))))
                .orElseGet(() -> zeros(manager, both, new Shape(texts.size(), tokens, width)));
        return Conditioning.of(wide.concat(rest, 1)).with(Conditioning.POOLED, NDArrays.concat(pooled, 1));
    }

    private static NDArray zeros(NDManager manager, NDArray like, Shape shape) {
        return manager.zeros(shape, like.getDataType());
    }

    @Override
    public List<String> arrays() {
        return List.of(Conditioning.POOLED);
    }

    /** Of a text that is too long for the CLIPs, T5 reads more. */
    @Override
    public Optional<Cut> cut(String text, int tokens) {
        TextTokenizer longest = clips.get(0).tokenizer();
        if (t5.isPresent()) {
            T5Tokenizer reading = t5.get().tokenizer().withMaxLength(tokens);
            longest = reading.room() > longest.room() ? reading : longest;
        }
        int room = longest.room();
        return longest.encode(text).cut().map(rest -> new Cut(room, rest));
    }
}
