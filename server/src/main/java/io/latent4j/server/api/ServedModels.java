package io.latent4j.server.api;

import io.latent4j.pipeline.request.AdapterUse;
import io.latent4j.service.job.JobSpec;
import io.latent4j.service.registry.ModelRegistry;
import java.util.List;
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
     * Refuses a job that names what is not here.
     *
     * @throws ApiException naming it
     */
    void check(JobSpec spec) {
        spec.model().filter(name -> !models.contains(name)).ifPresent(name -> {
            throw new ApiException(
                    404,
                    "model_not_found",
                    "there is no model " + name + "; expected one of " + String.join(", ", models),
                    "model");
        });
        for (AdapterUse use : spec.request().adapters()) {
            if (!registry.hasAdapter(use.name())) {
                throw ApiException.invalid("adapters", "there is no adapter " + use.name());
            }
        }
    }
}
