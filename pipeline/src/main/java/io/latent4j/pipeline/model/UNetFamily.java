package io.latent4j.pipeline.model;

import io.latent4j.core.config.Config;
import io.latent4j.pipeline.files.ModelFiles;
import io.latent4j.unet.UNet2DConditionConfig;
import java.io.IOException;
import java.util.List;

/** A family of models of a UNet in an autoencoder's latents, with CLIP's text encoders. */
public interface UNetFamily extends ModelFamily {

    /** The folders that each of its models has. */
    List<String> folders();

    /** Its text encoders, in the order of their states in the context. */
    List<TextPart> textParts();

    /**
     * How the conditioning is made.
     *
     * @param index the model's {@code model_index.json}
     * @param place the model's files, for messages
     * @throws IllegalArgumentException if the UNet does not take what the encoders return
     */
    ClipConditions conditions(Config index, UNet2DConditionConfig unet, List<TextReader> readers, String place);

    @Override
    default Components open(String name, ModelFiles files, Placement placement) throws IOException {
        return ComponentsLoader.open(this, name, files, placement);
    }
}
