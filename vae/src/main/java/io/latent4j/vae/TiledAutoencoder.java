package io.latent4j.vae;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.index.NDIndex;
import io.latent4j.core.memory.Scopes;
import io.latent4j.core.nn.Pass;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * An autoencoder that works on overlapping squares and blends them, so that memory grows with a square and not with the
 * image. What it makes differs a little from the whole: each square is normalized by itself.
 *
 * @param tile side of a square of latents
 * @param overlap part of a square that it shares with the next, in [0, 1)
 */
public record TiledAutoencoder(Autoencoder autoencoder, int tile, double overlap) {

    public TiledAutoencoder {
        if (tile < 2 || overlap < 0 || overlap >= 1) {
            throw new IllegalArgumentException(
                    "tiles of " + tile + " with overlap " + overlap + "; expected 2 or more, and 0 to less than 1");
        }
    }

    /** As {@link Autoencoder#encode}. */
    public DiagonalGaussian encode(Pass pass, NDArray images) {
        int pixels = tile * autoencoder.config().downscale();
        NDArray moments = tiled(images, pixels, tile, square -> {
            DiagonalGaussian part = autoencoder.encode(pass, square);
            return part.mean().concat(part.logvar(), 1);
        });
        return DiagonalGaussian.of(moments);
    }

    /** As {@link Autoencoder#decode}. */
    public NDArray decode(Pass pass, NDArray latents) {
        int pixels = tile * autoencoder.config().downscale();
        return tiled(latents, tile, pixels, square -> autoencoder.decode(pass, square));
    }

    /** Maps squares of side {@code from} to squares of side {@code to} and puts those together. */
    private NDArray tiled(NDArray x, int from, int to, UnaryOperator<NDArray> map) {
        int stride = (int) (from * (1 - overlap));
        int blend = (int) (to * overlap);
        int keep = to - blend;
        return Scopes.scoped(() -> {
            NDList rows = new NDList();
            List<NDArray> above = List.of();
            for (long y = 0; y < x.getShape().get(2); y += stride) {
                List<NDArray> row = new ArrayList<>();
                for (long x0 = 0; x0 < x.getShape().get(3); x0 += stride) {
                    NDIndex square = new NDIndex(":, :, " + y + ":" + (y + from) + ", " + x0 + ":" + (x0 + from));
                    NDArray part = Scopes.scoped(() -> map.apply(x.get(square)));
                    if (!above.isEmpty()) {
                        blend(above.get(row.size()), part, 2, blend);
                    }
                    if (!row.isEmpty()) {
                        blend(row.get(row.size() - 1), part, 3, blend);
                    }
                    row.add(part);
                }
                NDIndex kept = new NDIndex(":, :, :" + keep + ", :" + keep);
                NDList parts = new NDList(row.size());
                row.forEach(part -> parts.add(part.get(kept)));
                rows.add(NDArrays.concat(parts, 3));
                above = row;
            }
            return NDArrays.concat(rows, 2);
        });
    }

    /** Fades, along {@code axis}, from the end of {@code before} to the start of {@code part}, in place. */
    private static void blend(NDArray before, NDArray part, int axis, int width) {
        long size =
                Math.min(Math.min(before.getShape().get(axis), part.getShape().get(axis)), width);
        if (size == 0) {
            return;
        }
        NDArray weight = part.getManager().arange(0f, (float) size, 1f).div(size);
        weight = axis == 2 ? weight.reshape(1, 1, -1, 1) : weight.reshape(1, 1, 1, -1);
        String skip = axis == 2 ? ":, :, " : ":, :, :, ";
        NDArray end = before.get(new NDIndex(skip + "-" + size + ":"));
        NDIndex startIndex = new NDIndex(skip + ":" + size);
        NDArray start = part.get(startIndex);
        part.set(startIndex, end.mul(weight.neg().add(1)).add(start.mul(weight)));
    }
}
