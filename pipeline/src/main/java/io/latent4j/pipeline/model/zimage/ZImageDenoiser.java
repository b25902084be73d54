package io.latent4j.pipeline.model.zimage;

import static io.latent4j.core.memory.Scopes.scoped;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import io.latent4j.core.nn.NamedBlock;
import io.latent4j.core.nn.Pass;
import io.latent4j.core.ops.Ops;
import io.latent4j.pipeline.model.Conditioning;
import io.latent4j.pipeline.model.DenoiserInput;
import io.latent4j.pipeline.model.transformer.TransformerDenoiser;
import io.latent4j.transformer.zimage.ZImageInput;
import io.latent4j.transformer.zimage.ZImageTransformer2DModel;
import java.util.ArrayList;
import java.util.List;

/**
 * Z-Image's transformer as denoiser. Its time is the data's share and its prediction leads from noise to data, both the other
 * way round than a sampler has them.
 *
 * @param dataType the type it computes in
 * @param timesteps the time of noise alone
 */
record ZImageDenoiser(ZImageTransformer2DModel transformer, DataType dataType, int timesteps)
        implements TransformerDenoiser {

    @Override
    public NamedBlock block() {
        return transformer;
    }

    @Override
    public boolean batchesBlocks() {
        return false;
    }

    @Override
    public int patchSize() {
        return transformer.config().patchSize();
    }

    @Override
    public long width() {
        return transformer.config().width();
    }

    @Override
    public NDArray predict(Pass pass, DenoiserInput input) {
        return scoped(() -> {
            NDArray data = Ops.div(input.timesteps().neg().add(timesteps), timesteps);
            NDArray output = transformer.forward(
                    pass, new ZImageInput(entering(input.latents()), data, captions(input.conditioning())));
            return Ops.castLike(output.neg(), input.latents());
        });
    }

    /** Each caption without its padding. */
    private List<NDArray> captions(Conditioning text) {
        NDArray states = entering(text.context());
        float[] words =
                text.get(ZImageEncoding.MASK).orElseThrow().sum(new int[] {1}).toFloatArray();
        List<NDArray> captions = new ArrayList<>();
        for (int i = 0; i < words.length; i++) {
            captions.add(states.get(i).get("0:" + (long) words[i]));
        }
        return captions;
    }
}
