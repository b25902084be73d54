package io.latent4j.pipeline.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.latent4j.core.nn.Attention;
import io.latent4j.core.nn.NamedBlock;
import io.latent4j.core.nn.Pass;
import io.latent4j.core.ops.Ops;
import io.latent4j.pipeline.request.StepCaching;
import io.latent4j.unet.AddedConditions;
import io.latent4j.unet.UNet2DConditionModel;
import io.latent4j.unet.UNetInput;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * A UNet as denoiser.
 *
 * @param dataType the type it computes in; with float32 inputs stay as they are, so that a pass can lower the precision
 * @param inpaints whether it takes a mask and the latents of the masked image
 * @param added makes the UNet's added conditions of a conditioning; empty for a UNet without
 */
public record UNetDenoiser(
        UNet2DConditionModel unet,
        DataType dataType,
        boolean inpaints,
        Function<Conditioning, Optional<AddedConditions>> added)
        implements LatentDenoiser {

    @Override
    public boolean takesGuidance() {
        return unet.config().takesGuidance();
    }

    @Override
    public List<Attention> selfAttention(String place) {
        return unet.selfAttention(place);
    }

    @Override
    public void check(StepCaching caching) {
        if (caching.firstBlock().isPresent()) {
            throw new IllegalArgumentException(
                    "the cache firstblock is for transformers, and the model has a UNet; expected deepcache:3, tgate:10 or"
                            + " both");
        }
        int skips = unet.config().skips();
        caching.deepCache()
                .map(StepCaching.Deep::branch)
                .filter(b -> b >= skips)
                .ifPresent(b -> {
                    throw new IllegalArgumentException("the branch of deepcache is " + b + ", and the UNet has " + skips
                            + " skip connections; expected 0 to " + (skips - 1));
                });
    }

    @Override
    public NamedBlock block() {
        return unet;
    }

    /** What the way down keeps for the way up, and an input and an output of the finest level. */
    @Override
    public long leastBytes(Shape latents) {
        List<Integer> widths = unet.config().blockOutChannels();
        long pixels = latents.get(2) * latents.get(3);
        long numbers = 3L * widths.get(0) * pixels; // the first convolution's output is kept too
        for (int level = 0; level < widths.size(); level++) {
            numbers += (long) unet.config().layersPerBlock() * widths.get(level) * pixels;
            if (level < widths.size() - 1) {
                pixels /= 4;
                numbers += widths.get(level) * pixels;
            }
        }
        return latents.get(0) * numbers * dataType.getNumOfBytes();
    }

    @Override
    public NDArray predict(Pass pass, DenoiserInput input) {
        NDArray latents = entering(input.latents());
        NDArray sample =
                input.channels().map(more -> latents.concat(entering(more), 1)).orElse(latents);
        NDArray output = unet.forward(
                pass,
                unetInput(sample, input.timesteps(), input.conditioning())
                        .withControl(input.control())
                        .withGuidanceScale(input.guidanceScale()));
        return dataType == DataType.FLOAT32 ? output : Ops.castLike(output, input.latents());
    }

    /** The input of the UNet, or of a control network for it, at one time for each sample. */
    UNetInput unetInput(NDArray sample, NDArray timesteps, Conditioning conditioning) {
        NDArray context = entering(conditioning.context());
        return UNetInput.of(entering(sample), timesteps, context)
                .withAdded(
                        added.apply(conditioning).map(a -> new AddedConditions(entering(a.textEmbeds()), a.timeIds())));
    }

    private NDArray entering(NDArray x) {
        return dataType == DataType.FLOAT32 ? x : Ops.cast(x, dataType);
    }
}
