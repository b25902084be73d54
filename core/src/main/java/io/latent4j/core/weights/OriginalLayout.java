package io.latent4j.core.weights;

import java.util.List;

/** A network whose weights were published in a layout of their authors', other than that of its blocks. */
public interface OriginalLayout {

    /** The layers that have another name there; all others have the names that they have here. */
    List<OriginalLayer> originalLayers();

    /** Further layers, which only adapter files name. */
    default List<OriginalLayer> adapterLayers() {
        return List.of();
    }
}
