package io.latent4j.service.registry;

import io.latent4j.pipeline.files.ModelFiles;
import io.latent4j.pipeline.model.Families;
import io.latent4j.pipeline.model.Model;
import io.latent4j.pipeline.model.ModelFamily;
import io.latent4j.pipeline.model.Placement;
import io.latent4j.pipeline.model.UNetFamily;
import java.io.IOException;
import java.util.Optional;

/** A model in files, which are looked for when they are first needed. */
public final class LocatedModel implements ModelOpener {
    private final String title;
    private final Search search;
    private final Placement placement;
    private Optional<ModelFiles> found = Optional.empty();

    /** Finds a model's files, which may download them. */
    @FunctionalInterface
    public interface Search {
        ModelFiles files() throws IOException;
    }

    /** @param title what to call the model */
    public LocatedModel(String title, Search search, Placement placement) {
        this.title = title;
        this.search = search;
        this.placement = placement;
    }

    @Override
    public Model open() throws IOException {
        return Families.installed().open(title, files(), placement);
    }

    /** {@inheritDoc} Families of other modules may not know models without weights. */
    @Override
    public Optional<Model> openWithoutWeights() throws IOException {
        if (placement.offload()) {
            return Optional.empty();
        }
        ModelFamily family = Families.installed().of(files());
        return family instanceof UNetFamily
                ? Optional.of(family.open(title, files(), placement.offloaded()))
                : Optional.empty();
    }

    @Override
    public long bytes(Placement placement) throws IOException {
        return ModelSize.bytes(files(), placement);
    }

    private synchronized ModelFiles files() throws IOException {
        if (found.isEmpty()) {
            found = Optional.of(search.files());
        }
        return found.get();
    }
}
