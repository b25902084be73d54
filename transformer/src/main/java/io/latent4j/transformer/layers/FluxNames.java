package io.latent4j.transformer.layers;

/** What the layouts of FLUX.1 and FLUX.2 have in common: the attention of {@code double_blocks} and the ends. */
public final class FluxNames {
    private FluxNames() {}

    /** The embedding of the time, or of another condition. */
    public static void embedding(OriginalNames names, String there, String here) {
        names.embedding(there, "in_layer", "out_layer", here);
    }

    /** Where tokens come in and go out. */
    public static void ends(OriginalNames names) {
        names.put("img_in", "x_embedder")
                .put("txt_in", "context_embedder")
                .swapped("final_layer.adaLN_modulation.1", "norm_out.linear")
                .put("final_layer.linear", "proj_out");
    }

    /**
     * The attention and the feed-forward layers of a joint block.
     *
     * @param in the first layer of the feed-forward here, such as {@code net.0.proj}
     * @param out the second
     */
    public static void jointBlock(OriginalNames names, int index, String in, String out) {
        String there = "double_blocks." + index;
        String here = "transformer_blocks." + index;
        names.qkv(there + ".img_attn.qkv", here + ".attn")
                .put(there + ".img_attn.proj", here + ".attn.to_out.0")
                .addedQkv(there + ".txt_attn.qkv", here + ".attn")
                .put(there + ".txt_attn.proj", here + ".attn.to_add_out");
        norms(names, there + ".img_attn", here + ".attn.norm_q", here + ".attn.norm_k");
        norms(names, there + ".txt_attn", here + ".attn.norm_added_q", here + ".attn.norm_added_k");
        names.put(there + ".img_mlp.0", here + ".ff." + in)
                .put(there + ".img_mlp.2", here + ".ff." + out)
                .put(there + ".txt_mlp.0", here + ".ff_context." + in)
                .put(there + ".txt_mlp.2", here + ".ff_context." + out);
    }

    /** The norms of queries and keys, whose one tensor is called a scale there. */
    public static void norms(OriginalNames names, String there, String query, String key) {
        names.put(there + ".norm.query_norm.scale", query + ".weight")
                .put(there + ".norm.key_norm.scale", key + ".weight");
    }
}
