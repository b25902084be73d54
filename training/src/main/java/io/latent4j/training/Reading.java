package io.latent4j.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import io.latent4j.core.nn.Pass;
import io.latent4j.core.ops.Ops;
import io.latent4j.pipeline.Components;
import io.latent4j.pipeline.TextReader;
import io.latent4j.textencoder.TextStates;
import java.util.List;
import java.util.Optional;

/** How a model reads texts: with one text encoder, or with SDXL's two. */
final class Reading {
    private Reading() {}

    /** What the UNet of {@code parts} is told of {@code texts}, in float32. */
    static TextConditions.Told of(Components parts, Pass pass, NDManager manager, List<String> texts) {
        boolean xl = parts.unet().config().textTime().isPresent();
        NDList contexts = new NDList();
        Optional<NDArray> summary = Optional.empty();
        for (TextReader reader : parts.readers()) {
            TextStates states = reader.states(pass, reader.encode(manager, texts));
            contexts.add(Ops.cast(xl ? states.penultimate() : states.last(), DataType.FLOAT32));
            summary = states.projected().filter(p -> xl).map(p -> Ops.cast(p, DataType.FLOAT32));
        }
        NDArray context = contexts.size() == 1 ? contexts.get(0) : NDArrays.concat(contexts, 2);
        return new TextConditions.Told(context, summary);
    }
}
