package io.latent4j.vae;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import io.latent4j.core.memory.Scopes;
import io.latent4j.core.nn.Pass;
import io.latent4j.core.nn.SharedNorms;
import io.latent4j.core.ops.Ops;

/**
 * Stages that work on an image tile by tile. A tile is given as much around it as its pixels depend on, and all tiles are
 * normalized alike, by what samples of the image show: between them there is no seam. What they make differs from what the
 * whole image would by the samples' error alone.
 */
final class Tiles {
    private static final int SAMPLES = 3;
    private static final int PATCHES = 3; // of a sample, in each direction

    private final Stages stages;
    private final int in; // pixels of the input's side that make `out` of the result's
    private final int out;
    private final int margin; // of the input's pixels that a result depends on, besides its own

    Tiles(Stages stages) {
        this.stages = stages;
        double scale = 1;
        double reach = 0;
        for (Stage stage : stages.list()) {
            scale *= stage.size() == Stage.Size.DOUBLED ? 2 : 1;
            reach += stage.reach() / scale;
            scale *= stage.size() == Stage.Size.HALVED ? 0.5 : 1;
        }
        in = scale < 1 ? (int) Math.round(1 / scale) : 1;
        out = scale > 1 ? (int) Math.round(scale) : 1;
        margin = (int) Math.ceil(reach / in) * in;
    }

    /**
     * Applies the stages to {@code x}, (N, C, H, W).
     *
     * @param side of a tile with its margin, in pixels of the finer of input and result
     */
    NDArray forward(Pass pass, NDArray x, int side) {
        if (stages.list().isEmpty()) {
            return x;
        }
        int tile = side / out;
        Shape shape = x.getShape();
        long step = Math.max((tile - 2L * margin) / in, 1) * in;
        return Scopes.scoped(() -> {
            try (SharedNorms norms = new SharedNorms()) {
                Pass sharing = pass.sharing(norms);
                for (int i = 0; i < SAMPLES; i++) {
                    int index = i;
                    norms.sample();
                    Scopes.scoped(() -> stages.forward(sharing, sample(x, tile, index)))
                            .close();
                }
                norms.settle();
                NDList rows = new NDList();
                for (long top = 0; top < shape.get(2); top += step) {
                    Span high = span(top, step, shape.get(2));
                    NDList row = new NDList();
                    for (long left = 0; left < shape.get(3); left += step) {
                        Span wide = span(left, step, shape.get(3));
                        row.add(Scopes.scoped(() -> stages.forward(
                                        sharing, Ops.contiguous(x.get(index(high.given(), wide.given()))))
                                .get(index(high.kept(), wide.kept()))
                                .duplicate()));
                    }
                    rows.add(NDArrays.concat(row, 3));
                    row.close();
                }
                return NDArrays.concat(rows, 2);
            }
        });
    }

    /** Patches spread evenly over the image, together as large as a tile: (N · patches, C, h, w). */
    private NDArray sample(NDArray x, int tile, int index) {
        long side = Math.max(tile / PATCHES / in, 1L) * in;
        long height = Math.min(side, x.getShape().get(2));
        long width = Math.min(side, x.getShape().get(3));
        NDList patches = new NDList();
        for (int i = 0; i < PATCHES; i++) {
            long top = place(x.getShape().get(2) - height, i * SAMPLES + index);
            for (int j = 0; j < PATCHES; j++) {
                long left = place(x.getShape().get(3) - width, j * SAMPLES + SAMPLES - 1 - index);
                patches.add(x.get(index(top + ":" + (top + height), left + ":" + (left + width))));
            }
        }
        return NDArrays.concat(patches);
    }

    /** The place of one of the patches of all samples along a side. */
    private long place(long room, int index) {
        return room * index / (PATCHES * SAMPLES - 1) / in * in;
    }

    private static NDIndex index(String rows, String columns) {
        return new NDIndex(":, :, " + rows + ", " + columns);
    }

    /** Rows of the input that a tile is given, and those of its result that are kept. */
    private record Span(String given, String kept) {}

    private Span span(long start, long step, long size) {
        long end = Math.min(start + step, size);
        long from = Math.max(start - margin, 0);
        long to = Math.min(end + margin, size);
        return new Span(from + ":" + to, (start - from) / in * out + ":" + (end - from) / in * out);
    }
}
