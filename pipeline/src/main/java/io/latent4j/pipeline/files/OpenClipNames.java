package io.latent4j.pipeline.files;

import io.latent4j.pipeline.files.Origin.Form;
import io.latent4j.textencoder.ClipTextConfig;

/**
 * The text encoder in the layout of OpenCLIP: queries, keys and values in one tensor, and a projection that multiplies from
 * the right.
 */
final class OpenClipNames extends OriginalNames {
    OpenClipNames(String prefix, ClipTextConfig config) {
        super(prefix);
        put("text_model.embeddings.token_embedding", "token_embedding");
        put("text_model.embeddings.position_embedding.weight", "positional_embedding");
        for (int i = 0; i < config.layers(); i++) {
            layer("text_model.encoder.layers." + i, "transformer.resblocks." + i);
        }
        put("text_model.final_layer_norm", "ln_final");
        put("text_projection.weight", "text_projection", Form.TRANSPOSED);
    }

    private void layer(String layer, String original) {
        put(layer + ".layer_norm1", original + ".ln_1");
        put(layer + ".layer_norm2", original + ".ln_2");
        third(layer + ".self_attn.q_proj", original, Form.QUERIES);
        third(layer + ".self_attn.k_proj", original, Form.KEYS);
        third(layer + ".self_attn.v_proj", original, Form.VALUES);
        put(layer + ".self_attn.out_proj", original + ".attn.out_proj");
        put(layer + ".mlp.fc1", original + ".mlp.c_fc");
        put(layer + ".mlp.fc2", original + ".mlp.c_proj");
    }

    private void third(String projection, String original, Form form) {
        put(projection + ".weight", original + ".attn.in_proj_weight", form);
        put(projection + ".bias", original + ".attn.in_proj_bias", form);
    }
}
