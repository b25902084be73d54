package io.latent4j.vae;

import ai.djl.ndarray.NDArray;
import io.latent4j.core.config.Config;
import io.latent4j.core.nn.NamedBlock;
import io.latent4j.core.nn.Pass;
import io.latent4j.core.ops.Ops;
import java.util.Optional;

/**
 * Images to latents and back. Images are (N, 3, H, W) in [-1, 1]. Latents come in two scales: the autoencoder's own,
 * and the diffusion model's, which has about unit variance; {@link #scaled} and {@link #unscaled} convert.
 */
public sealed interface Autoencoder permits AutoencoderKL, AutoencoderKLFlux2, AutoencoderTiny {

    /**
     * An autoencoder without weights, of the kind that {@code _class_name} says: {@code AutoencoderTiny}, {@code
     * AutoencoderKLFlux2}, or else {@code AutoencoderKL}.
     *
     * @throws IllegalArgumentException if a setting is not supported, naming it
     */
    static Autoencoder of(Config config) {
        String kind = config.text("_class_name", "AutoencoderKL");
        return switch (kind) {
            case "AutoencoderKL" -> new AutoencoderKL(AutoencoderKLConfig.from(config));
            case "AutoencoderKLFlux2" -> new AutoencoderKLFlux2(AutoencoderKLFlux2Config.from(config));
            case "AutoencoderTiny" -> new AutoencoderTiny(AutoencoderTinyConfig.from(config));
            default ->
                throw config.bad(
                        "_class_name",
                        "is \"" + kind + "\"; expected AutoencoderKL, AutoencoderKLFlux2 or AutoencoderTiny");
        };
    }

    /** The shape of this model. */
    AutoencoderConfig config();

    /** What holds the weights. */
    NamedBlock block();

    /** This tree's key for one of a checkpoint of any age; empty for one to leave out. */
    Optional<String> keyOf(String stored);

    /**
     * Answers the distribution of an image's latents.
     *
     * @param images (N, 3, H, W) in [-1, 1]; H and W are multiples of {@link AutoencoderConfig#downscale}
     * @return over latents (N, latentChannels, H/f, W/f) in this model's own scale
     */
    DiagonalGaussian encode(Pass pass, NDArray images);

    /**
     * Makes images of latents.
     *
     * @param latents (N, latentChannels, h, w) in this model's own scale
     * @return (N, 3, f · h, f · w), about [-1, 1] and not clipped
     */
    NDArray decode(Pass pass, NDArray latents);

    /**
     * {@link #encode} with the levels of many pixels in tiles, so that memory grows with a tile and hardly with the image.
     * All tiles are normalized alike, by a sample of the image, and given what surrounds them: there are no seams, and the
     * difference to {@link #encode} is small.
     *
     * @param side of a tile in pixels
     */
    DiagonalGaussian encodeInTiles(Pass pass, NDArray images, int side);

    /**
     * {@link #decode} with the levels of many pixels in tiles: see {@link #encodeInTiles}.
     *
     * @param side of a tile in pixels
     */
    NDArray decodeInTiles(Pass pass, NDArray latents, int side);

    /** From this model's scale to the diffusion model's: {@code (latents - shift_factor) · scaling_factor}. */
    default NDArray scaled(NDArray latents) {
        double shift = config().shiftFactor();
        NDArray centred = shift == 0 ? latents : latents.sub(shift);
        return Ops.mul(centred, config().scalingFactor());
    }

    /** From the diffusion model's scale to this model's: {@code latents / scaling_factor + shift_factor}. */
    default NDArray unscaled(NDArray latents) {
        double shift = config().shiftFactor();
        NDArray wide = Ops.div(latents, config().scalingFactor());
        return shift == 0 ? wide : wide.add(shift);
    }
}
