package io.latent4j.transformer.zimage;

import io.latent4j.core.config.Bounds;
import io.latent4j.core.config.Config;
import io.latent4j.core.config.NetworkBounds;
import io.latent4j.transformer.layers.RotaryEmbedding;
import java.util.List;

/**
 * The shape of a {@link ZImageTransformer2DModel}.
 *
 * @param channels of the latents, and of what it predicts
 * @param patchSize height and width of a patch
 * @param width channels of a token
 * @param heads of each attention
 * @param layers blocks of image and caption together
 * @param refinerLayers blocks of the image alone, and as many of the caption alone
 * @param captionChannels of the caption's hidden states
 * @param normEpsilon of every normalization but the last
 * @param theta of the rotations
 * @param axesDims channels of a head that each axis of positions turns
 * @param timeScale what the time is multiplied by
 */
public record ZImageTransformer2DConfig(
        int channels,
        int patchSize,
        int width,
        int heads,
        int layers,
        int refinerLayers,
        int captionChannels,
        double normEpsilon,
        double theta,
        List<Integer> axesDims,
        double timeScale) {
    private static final Bounds LAYERS = Bounds.of(0, NetworkBounds.LAYERS.most());

    public ZImageTransformer2DConfig {
        axesDims = List.copyOf(axesDims);
    }

    /**
     * Reads the {@code transformer/config.json} of a diffusers folder; an absent key has diffusers' own default.
     *
     * @throws IllegalArgumentException if a setting is not supported, naming it
     */
    public static ZImageTransformer2DConfig from(Config json) {
        json.require("qk_norm", true);
        json.requireAbsent("siglip_feat_dim"); // of models that read pictures
        List<Integer> frames = json.integers("all_f_patch_size", List.of(1));
        if (!frames.equals(List.of(1))) {
            json.refuse("all_f_patch_size", "is " + frames + "; expected [1], nothing else is supported");
        }
        int width = json.integer("dim", NetworkBounds.WIDTH, 3840);
        int heads = json.integer("n_heads", NetworkBounds.WIDTH, 30);
        json.require("n_kv_heads", heads);
        if (width % heads != 0) {
            json.refuse("n_heads", "is " + heads + "; expected a divisor of dim, " + width);
        }
        return new ZImageTransformer2DConfig(
                json.integer("in_channels", NetworkBounds.WIDTH, 16),
                json.integers("all_patch_size", NetworkBounds.PATCH, 1, List.of(2))
                        .get(0),
                width,
                heads,
                json.integer("n_layers", LAYERS, 30),
                json.integer("n_refiner_layers", LAYERS, 2),
                json.integer("cap_feat_dim", NetworkBounds.WIDTH, 2560),
                json.real("norm_eps", NetworkBounds.EPSILON, 1e-5),
                json.real("rope_theta", Bounds.positive(), 256),
                RotaryEmbedding.axes(json, "axes_dims", List.of(32, 48, 48), width / heads),
                json.real("t_scale", Bounds.positive(), 1000));
    }

    /** Channels of the embedding of the time. */
    int timeChannels() {
        return Math.min(width, 256);
    }

    /** What the layers of this patch size are called: height and width, and one frame. */
    String patches() {
        return patchSize + "-1";
    }
}
