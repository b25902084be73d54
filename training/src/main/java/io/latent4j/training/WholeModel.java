package io.latent4j.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.latent4j.core.nn.Pass;
import io.latent4j.textencoder.ClipTextModel;
import io.latent4j.textencoder.ClipTokenizer;
import io.latent4j.unet.UNet2DConditionModel;
import java.util.List;
import java.util.Optional;

/** A UNet and its text encoder, in float32, whose own parameters are trained. */
record WholeModel(UNet2DConditionModel unet, ClipTextModel textEncoder, ClipTokenizer tokenizer, NDManager manager)
        implements LatentModel {

    @Override
    public NDArray context(Pass pass, List<String> captions) {
        return textEncoder.forward(pass, tokenizer.encode(manager, captions), 0);
    }

    @Override
    public NDArray predict(Pass pass, NDArray noisy, NDArray timesteps, NDArray context) {
        return unet.forward(pass, noisy, timesteps, context, Optional.empty());
    }
}
