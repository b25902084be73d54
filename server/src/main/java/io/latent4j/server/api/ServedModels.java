package io.latent4j.server.api;

import io.latent4j.pipeline.UnconditionalPipeline;
import io.latent4j.pipeline.model.Model;
import io.latent4j.pipeline.model.ModelDefaults;
import io.latent4j.pipeline.request.AdapterUse;
import io.latent4j.pipeline.request.Tiling;
import io.latent4j.schedulers.catalogue.Schedulers;
import io.latent4j.schedulers.config.SchedulerConfig;
import io.latent4j.service.job.JobSpec;
import io.latent4j.service.registry.ModelLease;
import io.latent4j.service.registry.ModelRegistry;
import io.latent4j.service.registry.PixelLease;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** What clients may name: models, adapters and control networks of the registry, and no paths. */
public final class ServedModels {
    private final ModelRegistry registry;
    private final Set<String> models;

    /**
     * @param registry stays the caller's to close
     * @param models that may be named, beside the embedded one
     */
    public ServedModels(ModelRegistry registry, Set<String> models) {
        this.registry = registry;
        this.models = new TreeSet<>(models);
        this.models.add(ModelRegistry.EMBEDDED);
    }

    /** The models' names. */
    public List<String> models() {
        return List.copyOf(models);
    }

    /**
     * What a model makes where a request leaves things open. Its settings are read for it, and its weights where it cannot do
     * without them.
     *
     * @throws ApiException if there is no such model, or it cannot be read
     */
    public ModelFacts facts(String name) {
        checkModel(name);
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
            throw new ApiException(500, "model_failed", "the model " + name + " cannot be read: " + e.getMessage());
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

    private void checkModel(String name) {
        if (!models.contains(name)) {
            throw new ApiException(
                    404,
                    "model_not_found",
                    "there is no model " + name + "; expected one of " + String.join(", ", models),
                    "model");
        }
    }

    /**
     * Refuses a job that names what is not here.
     *
     * @throws ApiException naming it
     */
    void check(JobSpec spec) {
        spec.model().ifPresent(this::checkModel);
        for (AdapterUse use : spec.request().adapters()) {
            if (!registry.hasAdapter(use.name())) {
                throw ApiException.invalid("adapters", "there is no adapter " + use.name());
            }
        }
    }
}
