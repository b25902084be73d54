package io.latent4j.transformer.sd3;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Parameter;
import io.latent4j.core.nn.NamedBlock;
import io.latent4j.core.nn.Pass;
import io.latent4j.transformer.layers.PatchEmbedding;
import io.latent4j.transformer.layers.PatchGrid;

/** Patches with the positions that come with the weights, of which an image takes the middle. */
final class PositionedPatches extends NamedBlock {
    private final long side;
    private final PatchEmbedding patches;
    private final Parameter posEmbed;

    PositionedPatches(SD3Transformer2DConfig config) {
        side = config.maxPositions();
        posEmbed = parameter("pos_embed", Parameter.Type.WEIGHT, 1, side * side, config.width());
        patches = inline(new PatchEmbedding(config.inChannels(), config.width(), config.patchSize()));
    }

    /** (N, C, H, W) → (N, tokens, width). */
    NDArray forward(Pass pass, NDArray sample, PatchGrid grid) {
        if (grid.height() > side || grid.width() > side) {
            throw new IllegalArgumentException(
                    "latents are " + sample.getShape() + "; expected a height and width of at" + " most "
                            + side * grid.patch() + ", for which the model has positions (pos_embed_max_size)");
        }
        long top = (side - grid.height()) / 2;
        long left = (side - grid.width()) / 2;
        NDArray middle = pass.value(posEmbed, sample)
                .reshape(1, side, side, -1)
                .get(":, " + top + ":" + (top + grid.height()) + ", " + left + ":" + (left + grid.width()))
                .reshape(1, grid.tokens(), -1);
        return patches.forward(pass, sample).add(middle);
    }
}
