package io.latent4j.pipeline.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.DataType;
import io.latent4j.core.image.Images;
import io.latent4j.core.memory.Scopes;
import io.latent4j.core.nn.Pass;
import io.latent4j.core.ops.Ops;
import io.latent4j.pipeline.request.Tiling;
import io.latent4j.vae.Autoencoder;
import io.latent4j.vae.DiagonalGaussian;
import java.awt.image.BufferedImage;
import java.util.function.Consumer;

/**
 * Between images and latents in the diffusion model's scale, by an autoencoder that works in {@code dataType}. Everything
 * else is float32. One image is worked on at a time, whatever the batch.
 *
 * @param weights of the autoencoder
 * @param tiling which images are cut
 * @param patch how many latents of a side the denoiser takes together
 */
public record AutoencoderCodec(Autoencoder vae, PartWeights weights, DataType dataType, Tiling tiling, int patch)
        implements LatentCodec {

    /** Between images and latents that the denoiser takes one by one. */
    public AutoencoderCodec(Autoencoder vae, PartWeights weights, DataType dataType, Tiling tiling) {
        this(vae, weights, dataType, tiling, 1);
    }

    /** A codec of an autoencoder that is in memory, in images of the usual sizes. */
    public static AutoencoderCodec of(Autoencoder vae, DataType dataType) {
        return new AutoencoderCodec(vae, PartWeights.loaded(), dataType, Tiling.AUTO);
    }

    @Override
    public int latentChannels() {
        return vae.config().latentChannels();
    }

    @Override
    public int pixelsPerLatent() {
        return vae.config().downscale();
    }

    @Override
    public int sizeMultiple() {
        return patch * pixelsPerLatent();
    }

    @Override
    public double scale() {
        return vae.config().scalingFactor();
    }

    @Override
    public long parameters() {
        return vae.block().parameterCount();
    }

    @Override
    public NDArray encode(NDArray pixels, NDArray noise) {
        return Scopes.scoped(() -> vae.scaled(distribution(pixels).sample(noise)));
    }

    @Override
    public NDArray encode(NDArray pixels) {
        return Scopes.scoped(() -> vae.scaled(distribution(pixels).mode()));
    }

    private DiagonalGaussian distribution(NDArray pixels) {
        NDArray x = Ops.cast(pixels, dataType);
        DiagonalGaussian found;
        try (WeightLease use = weights.use()) {
            found = tiling.cuts(pixels.getShape().get(3), pixels.getShape().get(2))
                    ? vae.encodeInTiles(Pass.inference(), x, tiling.side())
                    : vae.encode(Pass.inference(), x);
        }
        DiagonalGaussian wide = new DiagonalGaussian(
                Ops.cast(found.mean(), DataType.FLOAT32), Ops.cast(found.logvar(), DataType.FLOAT32));
        checkFinite(wide.mean(), "latents of the image");
        return wide;
    }

    @Override
    public NDArray decode(NDArray latents) {
        try (WeightLease use = weights.use()) {
            return Scopes.scoped(() -> {
                NDList images = new NDList();
                for (long i = 0; i < latents.getShape().get(0); i++) {
                    images.add(decodeOne(latents.get(i + ":" + (i + 1))));
                }
                return images.size() == 1 ? images.get(0) : NDArrays.concat(images);
            });
        }
    }

    private NDArray decodeOne(NDArray latents) {
        return Scopes.scoped(() -> {
            NDArray unscaled = Ops.cast(vae.unscaled(latents), dataType);
            long width = latents.getShape().get(3) * pixelsPerLatent();
            long height = latents.getShape().get(2) * pixelsPerLatent();
            NDArray decoded = tiling.cuts(width, height)
                    ? vae.decodeInTiles(Pass.inference(), unscaled, tiling.side())
                    : vae.decode(Pass.inference(), unscaled);
            NDArray wide = Ops.cast(decoded, DataType.FLOAT32);
            checkFinite(wide, "image");
            return wide;
        });
    }

    private void checkFinite(NDArray array, String what) {
        if (!Float.isFinite(array.sum().getFloat())) {
            throw new IllegalStateException("the VAE's " + what + " is not of finite numbers in data type " + dataType
                    + "; try data type float32, or \"force_upcast\": true in its config.json, "
                    + "and check the VAE's weights");
        }
    }

    @Override
    @SuppressWarnings("try")
    public void images(NDArray latents, Runnable beforeEach, Consumer<BufferedImage> each) {
        try (WeightLease use = weights.use()) {
            for (long i = 0; i < latents.getShape().get(0); i++) {
                beforeEach.run();
                try (NDScope scope = new NDScope()) {
                    NDArray one = latents.get(i + ":" + (i + 1));
                    Images.of(decodeOne(one)).forEach(each);
                }
            }
        }
    }
}
