package io.latent4j.pipeline.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.latent4j.core.nn.Pass;
import io.latent4j.lora.LoraPart;
import io.latent4j.textencoder.PromptChunk;
import io.latent4j.textencoder.PromptEncoder;
import io.latent4j.textencoder.PromptSyntax;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * What a model's text encoders made of one text.
 *
 * @param context hidden states, (1, tokens, channels), of one chunk after the other
 * @param summary the last encoder's embedding of the first chunk, (1, projection); empty for a model that takes none
 */
public record EncodedText(NDArray context, Optional<NDArray> summary) {

    /**
     * Reads a text.
     *
     * @param encoders reads each reader's states out
     * @param passes through each text encoder
     */
    static EncodedText of(
            List<TextReader> readers,
            Function<TextReader, PromptEncoder> encoders,
            String text,
            PromptSyntax syntax,
            Function<LoraPart, Pass> passes,
            NDManager manager) {
        List<List<PromptChunk>> chunks =
                readers.stream().map(reader -> reader.chunks(text, syntax)).toList();
        int most = chunks.stream().mapToInt(List::size).max().orElseThrow();
        NDList contexts = new NDList();
        Optional<NDArray> summary = Optional.empty();
        for (int i = 0; i < readers.size(); i++) {
            TextReader reader = readers.get(i);
            PromptEncoder encoder = encoders.apply(reader);
            Pass pass = passes.apply(reader.part());
            NDList states = new NDList();
            for (PromptChunk chunk : chunks.get(i)) {
                PromptEncoder.Encoded encoded = encoder.encode(pass, chunk, reader.words(), manager);
                summary = states.isEmpty() ? encoded.projected() : summary;
                states.add(encoded.states());
            }
            if (states.size() < most) {
                PromptChunk empty = PromptChunk.of("", reader.tokenizer(), reader.words());
                NDArray nothing =
                        encoder.encode(pass, empty, reader.words(), manager).states();
                states.addAll(Collections.nCopies(most - states.size(), nothing));
            }
            contexts.add(concat(states, 1));
        }
        return new EncodedText(concat(contexts, 2), summary);
    }

    private static NDArray concat(NDList arrays, int axis) {
        return arrays.size() == 1 ? arrays.get(0) : NDArrays.concat(arrays, axis);
    }

    /** How many tokens the context has. */
    long tokens() {
        return context.getShape().get(1);
    }

    /** This, followed by {@code empty}, what is made of an empty text, until there are {@code tokens}. */
    EncodedText followed(EncodedText empty, long tokens) {
        long missing = (tokens - tokens()) / empty.tokens();
        return missing == 0 ? this : new EncodedText(context.concat(empty.context.repeat(1, missing), 1), summary);
    }

    /** What {@link #conditioning} made a row of. */
    static EncodedText of(Conditioning row) {
        return new EncodedText(row.context(), row.get(Conditioning.POOLED));
    }

    /** This as one row. */
    Conditioning conditioning() {
        Conditioning row = Conditioning.of(context);
        return summary.map(pooled -> row.with(Conditioning.POOLED, pooled)).orElse(row);
    }
}
