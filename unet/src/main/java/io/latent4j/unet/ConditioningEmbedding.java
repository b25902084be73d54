package io.latent4j.unet;

import static io.latent4j.core.memory.Scopes.scoped;

import ai.djl.ndarray.NDArray;
import io.latent4j.core.nn.Conv2d;
import io.latent4j.core.nn.Layer;
import io.latent4j.core.nn.NamedBlock;
import io.latent4j.core.nn.Pass;
import io.latent4j.core.ops.Ops;
import java.util.ArrayList;
import java.util.List;

/** Control images (N, 3, H, W) to features of the latents' size, (N, out, H / f, W / f). */
final class ConditioningEmbedding extends NamedBlock implements Layer {
    private final Conv2d convIn;
    private final List<Conv2d> blocks = new ArrayList<>();
    private final Conv2d convOut;

    ConditioningEmbedding(long in, List<Integer> widths, long out) {
        convIn = child("conv_in", Conv2d.same3x3(in, widths.get(0)));
        for (int i = 0; i + 1 < widths.size(); i++) {
            long width = widths.get(i);
            blocks.add(child("blocks." + 2 * i, Conv2d.same3x3(width, width)));
            blocks.add(child("blocks." + (2 * i + 1), new Conv2d(width, widths.get(i + 1), 3, 2, 1)));
        }
        convOut = child("conv_out", Conv2d.same3x3(widths.get(widths.size() - 1), out));
    }

    @Override
    public NDArray forward(Pass pass, NDArray x) {
        return scoped(() -> {
            NDArray h = Ops.silu(convIn.forward(pass, x));
            for (Conv2d block : blocks) {
                NDArray before = h;
                h = scoped(() -> Ops.silu(block.forward(pass, before)));
                before.close();
            }
            return convOut.forward(pass, h);
        });
    }
}
