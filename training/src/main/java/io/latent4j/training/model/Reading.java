package io.latent4j.training.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.latent4j.core.nn.Pass;
import io.latent4j.core.ops.Ops;
import io.latent4j.pipeline.Components;
import io.latent4j.pipeline.TextReader;
import io.latent4j.textencoder.PromptEncoder;
import io.latent4j.textencoder.PromptEncoder.Readout;
import io.latent4j.textencoder.TextStates;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * How a model reads texts: with one text encoder, or with SDXL's two.
 *
 * @param clipSkip 1 to read the encoders' own layer, 2 for the one before it, and so on
 */
public record Reading(Components parts, int clipSkip) implements TextConditions {

    /**
     * Checks the number of layers.
     *
     * @throws IllegalArgumentException if an encoder has not as many layers as are skipped
     */
    public Reading {
        boolean xl = isXl(parts);
        parts.readers().forEach(reader -> encoder(reader, xl, clipSkip));
    }

    private static boolean isXl(Components parts) {
        return parts.unet().config().textTime().isPresent();
    }

    private static PromptEncoder encoder(TextReader reader, boolean xl, int clipSkip) {
        return new PromptEncoder(reader.encoder(), xl ? Readout.PENULTIMATE : Readout.LAST, clipSkip);
    }

    /** What the UNet is told of {@code texts}, in float32; zeros of empty ones where requests tell it zeros, too. */
    @Override
    public Told of(Pass pass, NDManager manager, List<String> texts) {
        boolean xl = isXl(parts);
        NDList contexts = new NDList();
        Optional<NDArray> summary = Optional.empty();
        for (TextReader reader : parts.readers()) {
            TextStates states = reader.states(pass, reader.encode(manager, texts));
            NDArray read = encoder(reader, xl, clipSkip).readout(pass, states);
            contexts.add(Ops.cast(read, DataType.FLOAT32));
            summary = states.projected().filter(p -> xl).map(p -> Ops.cast(p, DataType.FLOAT32));
        }
        NDArray context = contexts.size() == 1 ? contexts.get(0) : NDArrays.concat(contexts, 2);
        return parts.zerosForEmptyPrompt() && texts.contains("")
                ? new Told(told(context, texts), summary.map(all -> told(all, texts)))
                : new Told(context, summary);
    }

    /** {@code rows}, of which those of empty texts are zeros. */
    private static NDArray told(NDArray rows, List<String> texts) {
        long[] shape = new long[rows.getShape().dimension()];
        Arrays.fill(shape, 1);
        shape[0] = texts.size();
        float[] kept = new float[texts.size()];
        for (int i = 0; i < kept.length; i++) {
            kept[i] = texts.get(i).isEmpty() ? 0 : 1;
        }
        return rows.mul(Ops.array(rows.getManager(), kept, new Shape(shape)));
    }
}
