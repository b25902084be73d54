package io.latent4j.transformer.sd3;

import io.latent4j.core.weights.OriginalLayer;
import io.latent4j.transformer.layers.OriginalNames;
import java.util.List;

/** The layout in which Stable Diffusion 3 and 3.5 were published: {@code joint_blocks}. */
final class SD3OriginalLayers {
    private SD3OriginalLayers() {}

    static List<OriginalLayer> of(SD3Transformer2DConfig config) {
        OriginalNames names = new OriginalNames()
                .put("pos_embed", "pos_embed.pos_embed")
                .put("x_embedder.proj", "pos_embed.proj")
                .embedding("t_embedder.mlp", "0", "2", "time_text_embed.timestep_embedder")
                .embedding("y_embedder.mlp", "0", "2", "time_text_embed.text_embedder");
        for (int i = 0; i < config.layers(); i++) {
            block(names, "joint_blocks." + i, "transformer_blocks." + i, i == config.layers() - 1);
        }
        return names.swapped("final_layer.adaLN_modulation.1", "norm_out.linear")
                .put("final_layer.linear", "proj_out")
                .layers();
    }

    private static void block(OriginalNames names, String there, String here, boolean last) {
        String image = there + ".x_block";
        String text = there + ".context_block";
        names.put(image + ".adaLN_modulation.1", here + ".norm1.linear");
        for (String attention : List.of("attn", "attn2")) {
            names.qkv(image + "." + attention + ".qkv", here + "." + attention)
                    .put(image + "." + attention + ".proj", here + "." + attention + ".to_out.0")
                    .put(image + "." + attention + ".ln_q", here + "." + attention + ".norm_q")
                    .put(image + "." + attention + ".ln_k", here + "." + attention + ".norm_k");
        }
        names.put(image + ".mlp.fc1", here + ".ff.net.0.proj")
                .put(image + ".mlp.fc2", here + ".ff.net.2")
                .addedQkv(text + ".attn.qkv", here + ".attn")
                .put(text + ".attn.ln_q", here + ".attn.norm_added_q")
                .put(text + ".attn.ln_k", here + ".attn.norm_added_k");
        String modulation = here + ".norm1_context.linear";
        if (last) {
            names.swapped(text + ".adaLN_modulation.1", modulation);
            return;
        }
        names.put(text + ".adaLN_modulation.1", modulation)
                .put(text + ".attn.proj", here + ".attn.to_add_out")
                .put(text + ".mlp.fc1", here + ".ff_context.net.0.proj")
                .put(text + ".mlp.fc2", here + ".ff_context.net.2");
    }
}
