package io.latent4j.cli.generate;

import io.latent4j.service.registry.ModelRegistry;
import java.io.IOException;
import java.util.Optional;

/** The models of one prompt after another, which stay open while the options that choose them stay the same. */
final class KeptModels implements AutoCloseable {
    private Optional<ModelRegistry> registry = Optional.empty();
    private String choice = "";

    /** Names the models that are chosen. */
    @FunctionalInterface
    interface Opening {
        ModelRegistry open() throws IOException;
    }

    /** @param choice the options that choose models, with their values */
    ModelRegistry of(String choice, Opening opening) throws IOException {
        if (registry.isEmpty() || !choice.equals(this.choice)) {
            close();
            registry = Optional.of(opening.open());
            this.choice = choice;
        }
        return registry.get();
    }

    @Override
    public void close() {
        registry.ifPresent(ModelRegistry::close);
        registry = Optional.empty();
    }
}
