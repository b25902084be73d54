package io.latent4j.transformer.layers;

import static io.latent4j.core.memory.Scopes.scoped;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import io.latent4j.core.nn.FeedForward;
import io.latent4j.core.nn.NamedBlock;
import io.latent4j.core.nn.Pass;
import io.latent4j.core.ops.TransformerOps;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The block of a multimodal diffusion transformer (MMDiT, <a href="https://arxiv.org/abs/2403.03206">Esser et al. 2024</a>,
 * figure 2b): text and image attend jointly and pass feed-forward layers of their own. Tokens lie in one array, the text's
 * first.
 */
public final class JointBlock extends NamedBlock {
    private final double epsilon;
    private final JointAttention attention;
    private final Optional<SelfAttention> second;
    private final FeedForward feedForward;
    private final Optional<FeedForward> feedForwardText;

    /**
     * A block.
     *
     * @param epsilon of the normalizations
     * @param dual whether the image attends to itself once more ({@code attn2})
     * @param last whether the text ends here
     * @param feedForward makes the feed-forward layers
     */
    public JointBlock(HeadShape shape, double epsilon, boolean dual, boolean last, Supplier<FeedForward> feedForward) {
        this.epsilon = epsilon;
        attention = child("attn", new JointAttention(shape, !last));
        second = dual ? Optional.of(child("attn2", new SelfAttention(shape))) : Optional.empty();
        this.feedForward = child("ff", feedForward.get());
        feedForwardText = last ? Optional.empty() : Optional.of(child("ff_context", feedForward.get()));
    }

    /**
     * Applies the block within the caller's scope.
     *
     * @param joint the text's tokens and the image's, (N, words + pixels, C)
     * @param words how many are the text's
     * @param image shift, scale and gate of the image's attention, of its feed-forward layer, and of its second attention
     *     where there is one, (N, C) each
     * @param text the same of the text; in the last block only shift and scale of its attention
     * @param table the tokens' rotations, as {@link RotaryEmbedding#table}; empty for none
     * @return (N, words + pixels, C), or (N, pixels, C) from the last block
     */
    public NDArray forward(Pass pass, NDArray joint, long words, NDList image, NDList text, Optional<NDArray> table) {
        NDList streams = joint.split(new long[] {words}, 1);
        NDArray attended = scoped(() -> attention.attended(
                pass,
                TransformerOps.modulatedNorm(streams.get(0), text.get(0), text.get(1), epsilon),
                TransformerOps.modulatedNorm(streams.get(1), image.get(0), image.get(1), epsilon),
                table));
        NDList parts = attended.split(new long[] {words}, 1);
        NDArray pixels = scoped(() -> {
            NDArray x = TransformerOps.gatedSum(streams.get(1), image.get(2), attention.image(pass, parts.get(1)));
            return feedForward(pass, feedForward, second(pass, streams.get(1), x, image), image);
        });
        if (feedForwardText.isEmpty()) {
            return pixels;
        }
        NDArray read = scoped(() -> feedForward(
                pass,
                feedForwardText.get(),
                TransformerOps.gatedSum(streams.get(0), text.get(2), attention.text(pass, parts.get(0))),
                text));
        return read.concat(pixels, 1);
    }

    /** Adds what the image's attention to itself makes of {@code image}, which is what came into the block. */
    private NDArray second(Pass pass, NDArray image, NDArray x, NDList m) {
        return second.map(attn2 -> {
                    NDArray h = TransformerOps.modulatedNorm(image, m.get(6), m.get(7), epsilon);
                    return TransformerOps.gatedSum(x, m.get(8), attn2.forward(pass, h, Optional.empty()));
                })
                .orElse(x);
    }

    private NDArray feedForward(Pass pass, FeedForward layer, NDArray x, NDList m) {
        NDArray h = TransformerOps.modulatedNorm(x, m.get(3), m.get(4), epsilon);
        return TransformerOps.gatedSum(x, m.get(5), layer.forward(pass, h));
    }
}
