package io.latent4j.core.weights;

import java.util.List;

/**
 * A layer of the layout in which a network's authors published it, and the layers here that it stands for.
 *
 * @param name in that layout; of a layer, or of one tensor
 * @param parts what it stands for here: layers whose rows are its rows, one after another, or, where {@code name} is a
 *     tensor's, one tensor
 * @param swapped whether the halves of its rows, a modulation's shift and scale, come in the other order here
 */
public record OriginalLayer(String name, List<String> parts, boolean swapped) {

    public OriginalLayer {
        parts = List.copyOf(parts);
        if (parts.isEmpty() || (swapped && parts.size() > 1)) {
            throw new IllegalArgumentException(
                    name + " stands for " + parts + "; expected one layer, or several that are not swapped");
        }
    }

    /** One layer under another name. */
    public static OriginalLayer of(String name, String part) {
        return new OriginalLayer(name, List.of(part), false);
    }

    /** Several layers as one. */
    public static OriginalLayer fused(String name, List<String> parts) {
        return new OriginalLayer(name, parts, false);
    }

    /** A modulation whose shift comes first there, and second here. */
    public static OriginalLayer swapped(String name, String part) {
        return new OriginalLayer(name, List.of(part), true);
    }
}
