package io.latent4j.transformer.flux2;

import io.latent4j.core.weights.OriginalLayer;
import io.latent4j.transformer.layers.FluxNames;
import io.latent4j.transformer.layers.OriginalNames;
import java.util.List;

/** The layout in which FLUX.2 was published: that of FLUX.1, with modulations that all blocks share. */
final class Flux2OriginalLayers {
    private static final List<String> MODULATIONS =
            List.of("double_stream_modulation_img", "double_stream_modulation_txt", "single_stream_modulation");

    private Flux2OriginalLayers() {}

    static List<OriginalLayer> of(Flux2Transformer2DConfig config) {
        OriginalNames names = new OriginalNames();
        FluxNames.ends(names);
        FluxNames.embedding(names, "time_in", "time_guidance_embed.timestep_embedder");
        FluxNames.embedding(names, "guidance_in", "time_guidance_embed.guidance_embedder");
        MODULATIONS.forEach(modulation -> names.put(modulation + ".lin", modulation + ".linear"));
        for (int i = 0; i < config.layers(); i++) {
            FluxNames.jointBlock(names, i, "linear_in", "linear_out");
        }
        for (int i = 0; i < config.singleLayers(); i++) {
            String there = "single_blocks." + i;
            String attention = "single_transformer_blocks." + i + ".attn";
            names.put(there + ".linear1", attention + ".to_qkv_mlp_proj")
                    .put(there + ".linear2", attention + ".to_out");
            FluxNames.norms(names, there, attention + ".norm_q", attention + ".norm_k");
        }
        return names.layers();
    }
}
