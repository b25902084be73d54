package io.latent4j.server.api;

import io.latent4j.pipeline.UnconditionalPipeline;
import io.latent4j.pipeline.model.Model;
import io.latent4j.pipeline.model.ModelDefaults;
import io.latent4j.pipeline.request.Tiling;
import io.latent4j.schedulers.catalogue.Schedulers;
import io.latent4j.schedulers.config.SchedulerConfig;
import io.latent4j.service.registry.ModelLease;
import io.latent4j.service.registry.ModelRegistry;
import io.latent4j.service.registry.PixelLease;
import java.io.IOException;
import java.util.Optional;

/** Reads {@link ModelFacts}: a model's settings, and its weights only where it cannot do without them. */
final class FactsReader {
    private final ModelRegistry registry;

    FactsReader(ModelRegistry registry) {
        this.registry = registry;
    }

    /** @throws ApiException if it cannot be read */
    ModelFacts facts(String name) {
        try {
            if (registry.takesNoText(name)) {
                try (PixelLease lease = registry.leasePixels(name)) {
                    return facts(name, lease.pipeline());
                }
            }
            Optional<Model> unread = registry.openWithoutWeights(name);
            if (unread.isPresent()) {
                try (Model model = unread.get()) {
                    return facts(name, model);
                }
            }
            try (ModelLease lease = registry.lease(name)) {
                return facts(name, lease.model());
            }
        } catch (IOException | IllegalArgumentException e) {
            throw new ApiException(
                    500,
                    "model_failed",
                    "the model " + name + " cannot be read: " + Told.text(String.valueOf(e.getMessage())));
        }
    }

    private static ModelFacts facts(String name, Model model) {
        ModelDefaults defaults = model.defaults();
        return new ModelFacts(
                name,
                defaults.width(),
                defaults.height(),
                model.codec(Tiling.AUTO).sizeMultiple(),
                defaults.steps(),
                defaults.guidanceScale(),
                title(model.scheduler()),
                true);
    }

    private static ModelFacts facts(String name, UnconditionalPipeline pipeline) {
        ModelDefaults defaults = pipeline.defaults();
        return new ModelFacts(
                name,
                defaults.width(),
                defaults.height(),
                1,
                defaults.steps(),
                defaults.guidanceScale(),
                title(pipeline.scheduler()),
                false);
    }

    private static Optional<String> title(SchedulerConfig config) {
        return config.className().map(own -> Schedulers.title(config));
    }
}
