package io.latent4j.training.model;

import ai.djl.ndarray.NDManager;
import io.latent4j.core.nn.Pass;
import io.latent4j.pipeline.model.Components;
import io.latent4j.pipeline.model.Conditioning;
import io.latent4j.pipeline.model.TextOptions;
import io.latent4j.textencoder.PromptSyntax;
import java.util.List;
import java.util.Optional;

/**
 * The conditioning of texts by a model's own encoders, as in inference, without sizes.
 *
 * @param clipSkip 1 to read the encoders' own layer, 2 for the one before it, and so on
 */
public record ModelConditioner(Components parts, int clipSkip) implements CaptionConditioner {

    /**
     * Checks the number of layers.
     *
     * @throws IllegalArgumentException if an encoder has not as many layers as are skipped
     */
    public ModelConditioner {
        parts.text().check(new TextOptions(PromptSyntax.PLAIN, clipSkip), Optional.empty());
    }

    @Override
    public Conditioning of(Pass pass, NDManager manager, List<String> texts) {
        return parts.text().encode(pass, manager, texts, clipSkip);
    }
}
