package io.latent4j.transformer.zimage;

import io.latent4j.core.weights.OriginalLayer;
import io.latent4j.transformer.layers.OriginalNames;
import java.util.List;

/** The layout in which single files of Z-Image are shared: the published one with queries, keys and values as one. */
final class ZImageOriginalLayers {
    private ZImageOriginalLayers() {}

    static List<OriginalLayer> of(ZImageTransformer2DConfig config) {
        String patches = config.patches();
        OriginalNames names = new OriginalNames()
                .put("x_embedder", "all_x_embedder." + patches)
                .put("final_layer.adaLN_modulation.1", "all_final_layer." + patches + ".adaLN_modulation.1")
                .put("final_layer.linear", "all_final_layer." + patches + ".linear");
        blocks(names, "noise_refiner", config.refinerLayers());
        blocks(names, "context_refiner", config.refinerLayers());
        blocks(names, "layers", config.layers());
        return names.layers();
    }

    private static void blocks(OriginalNames names, String list, int count) {
        for (int i = 0; i < count; i++) {
            String attention = list + "." + i + ".attention";
            names.qkv(attention + ".qkv", attention)
                    .put(attention + ".out", attention + ".to_out.0")
                    .put(attention + ".q_norm", attention + ".norm_q")
                    .put(attention + ".k_norm", attention + ".norm_k");
        }
    }
}
