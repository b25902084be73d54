package io.latent4j.pipeline.run;

import ai.djl.ndarray.NDManager;
import io.latent4j.core.nn.Pass;
import io.latent4j.lora.LoraPart;
import io.latent4j.lora.LoraUse;
import io.latent4j.pipeline.model.EncodedText;
import io.latent4j.pipeline.model.ModelPart;
import io.latent4j.pipeline.model.WeightLease;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/**
 * A model's text encoders while a run reads its texts: the adapters' arrays for them are made once, and their weights are
 * loaded when the first text is not known from an earlier run. Closing frees both.
 */
final class TextEncoding implements AutoCloseable {
    private final Run run;
    private final NDManager results;
    private final NDManager adapters;
    private final Map<LoraPart, Pass> passes = new EnumMap<>(LoraPart.class);
    private Optional<WeightLease> weights = Optional.empty();

    /** @param results owns what is read, unless a scope is open */
    TextEncoding(Run run, NDManager results) {
        this.run = run;
        this.results = results;
        this.adapters = results.newSubManager();
    }

    /** What the text encoders make of a text, made now or for an earlier run. */
    EncodedText encoded(String text) {
        return run.parts().texts().get(run, text, results, () -> read(text));
    }

    private EncodedText read(String text) {
        if (weights.isEmpty()) {
            weights = Optional.of(run.parts().use(ModelPart.TEXT_ENCODERS));
        }
        return EncodedText.of(run, text, this::pass, results);
    }

    /** A pass through a text encoder, with the request's adapters. */
    private Pass pass(LoraPart part) {
        return passes.computeIfAbsent(
                part,
                p -> Pass.inference()
                        .withAdapters(LoraUse.adapters(run.request().loras(), p, adapters)));
    }

    @Override
    public void close() {
        adapters.close();
        weights.ifPresent(WeightLease::close);
    }
}
