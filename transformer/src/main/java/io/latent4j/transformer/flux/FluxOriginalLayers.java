package io.latent4j.transformer.flux;

import io.latent4j.core.weights.OriginalLayer;
import io.latent4j.transformer.layers.FluxNames;
import io.latent4j.transformer.layers.OriginalNames;
import java.util.List;
import java.util.stream.Stream;

/** The layout in which FLUX.1 was published: {@code double_blocks} and {@code single_blocks}. */
final class FluxOriginalLayers {
    private FluxOriginalLayers() {}

    static List<OriginalLayer> of(FluxTransformer2DConfig config) {
        OriginalNames names = new OriginalNames();
        FluxNames.ends(names);
        FluxNames.embedding(names, "time_in", "time_text_embed.timestep_embedder");
        FluxNames.embedding(names, "guidance_in", "time_text_embed.guidance_embedder");
        FluxNames.embedding(names, "vector_in", "time_text_embed.text_embedder");
        for (int i = 0; i < config.layers(); i++) {
            FluxNames.jointBlock(names, i, "net.0.proj", "net.2");
            names.put("double_blocks." + i + ".img_mod.lin", joint(i) + ".norm1.linear")
                    .put("double_blocks." + i + ".txt_mod.lin", joint(i) + ".norm1_context.linear");
        }
        for (int i = 0; i < config.singleLayers(); i++) {
            String there = "single_blocks." + i;
            Stream<String> qkv = OriginalNames.own(single(i) + ".attn").stream();
            names.fused(
                    there + ".linear1",
                    Stream.concat(qkv, Stream.of(single(i) + ".proj_mlp")).toList());
            names.put(there + ".linear2", single(i) + ".proj_out")
                    .put(there + ".modulation.lin", single(i) + ".norm.linear");
            FluxNames.norms(names, there, single(i) + ".attn.norm_q", single(i) + ".attn.norm_k");
        }
        return names.layers();
    }

    /** What XLabs' adapters call layers: by the programs that replace a block's own attention. */
    static List<OriginalLayer> ofProcessors(FluxTransformer2DConfig config) {
        OriginalNames names = new OriginalNames();
        for (int i = 0; i < config.layers(); i++) {
            String there = "double_blocks." + i + ".processor.";
            String attention = joint(i) + ".attn";
            names.qkv(there + "qkv_lora1", attention)
                    .put(there + "proj_lora1", attention + ".to_out.0")
                    .addedQkv(there + "qkv_lora2", attention)
                    .put(there + "proj_lora2", attention + ".to_add_out");
        }
        for (int i = 0; i < config.singleLayers(); i++) {
            String there = "single_blocks." + i + ".processor.";
            names.qkv(there + "qkv_lora", single(i) + ".attn").put(there + "proj_lora", single(i) + ".proj_out");
        }
        return names.layers();
    }

    private static String joint(int index) {
        return "transformer_blocks." + index;
    }

    private static String single(int index) {
        return "single_transformer_blocks." + index;
    }
}
