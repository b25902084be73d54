package io.latent4j.transformer.layers;

import io.latent4j.core.weights.OriginalLayer;
import java.util.ArrayList;
import java.util.List;

/** Lists the layers of a network's original layout: see {@link OriginalLayer}. Mutable while a list is made. */
public final class OriginalNames {
    private final List<OriginalLayer> layers = new ArrayList<>();

    /** One layer under another name. */
    public OriginalNames put(String name, String part) {
        layers.add(OriginalLayer.of(name, part));
        return this;
    }

    /** A modulation whose shift comes first there, and second here. */
    public OriginalNames swapped(String name, String part) {
        layers.add(OriginalLayer.swapped(name, part));
        return this;
    }

    /** Several layers as one. */
    public OriginalNames fused(String name, List<String> parts) {
        layers.add(OriginalLayer.fused(name, parts));
        return this;
    }

    /** Queries, keys and values of an attention's own tokens as one. */
    public OriginalNames qkv(String name, String attention) {
        return fused(name, own(attention));
    }

    /** Queries, keys and values of the tokens that join an attention as one. */
    public OriginalNames addedQkv(String name, String attention) {
        return fused(name, added(attention));
    }

    /** What the queries, keys and values of an attention's own tokens are called here. */
    public static List<String> own(String attention) {
        return List.of(attention + ".to_q", attention + ".to_k", attention + ".to_v");
    }

    /** What the queries, keys and values of the tokens that join an attention are called here. */
    public static List<String> added(String attention) {
        return List.of(attention + ".add_q_proj", attention + ".add_k_proj", attention + ".add_v_proj");
    }

    /** The two layers of an embedding, {@code first} and {@code second} there. */
    public OriginalNames embedding(String name, String first, String second, String part) {
        return put(name + "." + first, part + ".linear_1").put(name + "." + second, part + ".linear_2");
    }

    /** The layers so far. */
    public List<OriginalLayer> layers() {
        return List.copyOf(layers);
    }
}
