package io.latent4j.server.api;

import io.latent4j.pipeline.request.AdapterUse;
import io.latent4j.service.job.ControlFile;
import io.latent4j.service.job.JobSpec;
import io.latent4j.service.registry.ModelRegistry;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** What clients may name: models, adapters and control networks of the registry, and no paths. */
public final class ServedModels {
    private final ModelRegistry registry;
    private final Set<String> models;
    private final Optional<String> usual;

    /**
     * @param registry stays the caller's to close
     * @param models that may be named, beside the embedded one
     * @param usual the one that the operator chose for jobs that name none
     * @throws IllegalArgumentException if that is none of the models
     */
    public ServedModels(ModelRegistry registry, Set<String> models, Optional<String> usual) {
        this.registry = registry;
        this.models = new TreeSet<>(models);
        this.models.add(ModelRegistry.EMBEDDED);
        this.usual = usual;
        usual.filter(name -> !this.models.contains(name)).ifPresent(name -> {
            throw new IllegalArgumentException("the model of jobs that name none is " + name + "; expected one of "
                    + String.join(", ", this.models));
        });
    }

    /** The models' names. */
    public List<String> models() {
        return List.copyOf(models);
    }

    /** The adapters' names. */
    public List<String> adapters() {
        return registry.adapters();
    }

    /** The control networks' names. */
    public List<String> controlNets() {
        return registry.controlNets();
    }

    /** The model that the operator chose for jobs that name none. */
    public Optional<String> chosen() {
        return usual;
    }

    /** The model of jobs that name none. */
    public String usual() {
        return usual.orElse(ModelRegistry.EMBEDDED);
    }

    /** Whether a model's weights are in memory. */
    public boolean isOpen(String name) {
        return registry.isOpen(name);
    }

    /**
     * What a model makes where a request leaves things open.
     *
     * @throws ApiException if there is no such model, or it cannot be read
     */
    public ModelFacts facts(String name) {
        model("model", name);
        return new FactsReader(registry).facts(name);
    }

    /**
     * Refuses a job that names what is not here: files, models of the hub and addresses among it.
     *
     * @throws ApiException naming it
     */
    void check(JobSpec spec) {
        spec.model().ifPresent(name -> model("model", name));
        spec.refiner().ifPresent(refiner -> model("refiner.model", refiner.model()));
        for (AdapterUse use : spec.request().adapters()) {
            known("adapters", "adapter", use.name(), registry.hasAdapter(use.name()));
        }
        for (ControlFile control : spec.controls()) {
            known("controls", "control network", control.name(), registry.hasControlNet(control.name()));
        }
        spec.preview().ifPresent(name -> known("preview", "decoder of previews", name, registry.hasPreviews(name)));
        if (!spec.embeddings().isEmpty()) {
            throw ApiException.invalid(
                    "embeddings", "embeddings are files; expected the words of the server's own in the prompt");
        }
    }

    private void model(String field, String name) {
        if (!models.contains(name)) {
            throw new ApiException(
                    404,
                    "model_not_found",
                    "there is no model " + name + "; expected one of " + String.join(", ", models),
                    field);
        }
    }

    private static void known(String field, String kind, String name, boolean known) {
        if (!known) {
            throw ApiException.invalid(
                    field, "there is no " + kind + " " + name + "; expected one that the server lists");
        }
    }
}
