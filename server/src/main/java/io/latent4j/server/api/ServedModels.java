package io.latent4j.server.api;

import io.latent4j.core.config.Shown;
import io.latent4j.pipeline.request.AdapterUse;
import io.latent4j.service.job.ControlFile;
import io.latent4j.service.job.JobSpec;
import io.latent4j.service.job.RefinerUse;
import io.latent4j.service.registry.EntryKind;
import io.latent4j.service.registry.ModelEntry;
import io.latent4j.service.registry.ModelRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What clients may name: models, adapters and control networks that the registry lists, and no paths. */
public final class ServedModels {
    private final ModelRegistry registry;
    private final Optional<String> usual;

    /**
     * @param registry stays the caller's to close
     * @param usual the one that the operator chose for jobs that name none
     * @throws IllegalArgumentException if that is none of the models
     */
    public ServedModels(ModelRegistry registry, Optional<String> usual) {
        this.registry = registry;
        this.usual = usual.map(name -> registry.find(EntryKind.MODEL, name)
                .map(ModelEntry::name)
                .orElseThrow(() -> new IllegalArgumentException("the model of jobs that name none is " + name
                        + "; expected one of " + String.join(", ", models()))));
    }

    /** The models' names. */
    public List<String> models() {
        return names(EntryKind.MODEL);
    }

    /** The names of a kind. */
    public List<String> names(EntryKind kind) {
        return entries(kind).stream().map(ModelEntry::name).toList();
    }

    /** All of a kind that clients may name; paths in them are not for clients. */
    public List<ModelEntry> entries(EntryKind kind) {
        return registry.entries(kind);
    }

    /** Looks through the operator's folders again. */
    public void rescan() {
        registry.rescan();
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
        return new FactsReader(registry).facts(model("model", name));
    }

    /**
     * A job by the names that are listed, where it may have them in another case or with the ending of a file, and adapters as
     * tags in its prompt.
     *
     * @throws ApiException if it names what is not listed: files, models of the hub and addresses among it
     */
    JobSpec named(JobSpec asked) {
        JobSpec spec = untagged(asked);
        JobSpec named = spec;
        if (spec.model().isPresent()) {
            named = named.withModel(model("model", spec.model().get()));
        }
        if (spec.refiner().isPresent()) {
            RefinerUse refiner = spec.refiner().get();
            named = named.withRefiner(new RefinerUse(model("refiner.model", refiner.model()), refiner.from()));
        }
        List<AdapterUse> adapters = new ArrayList<>();
        for (AdapterUse use : spec.request().adapters()) {
            adapters.add(new AdapterUse(
                    listed("adapters", EntryKind.ADAPTER, use.name()),
                    use.denoiserStrength(),
                    use.textStrength(),
                    use.blocks(),
                    use.schedule()));
        }
        List<ControlFile> controls = new ArrayList<>();
        for (ControlFile control : spec.controls()) {
            controls.add(new ControlFile(
                    listed("controls", EntryKind.CONTROL_NETWORK, control.name()),
                    control.image(),
                    control.scale(),
                    control.range(),
                    control.guess()));
        }
        if (spec.preview().isPresent()) {
            named = named.withPreview(
                    listed("preview", EntryKind.PREVIEWS, spec.preview().get()));
        }
        if (!spec.embeddings().isEmpty()) {
            throw ApiException.invalid(
                    "embeddings", "embeddings are files; expected the words of the server's own in the prompt");
        }
        return named.withAdapters(adapters).withControls(controls);
    }

    /** The job with the adapters that its prompt names. */
    private static JobSpec untagged(JobSpec spec) {
        try {
            return spec.withTags();
        } catch (IllegalArgumentException e) {
            throw ApiException.invalid("prompt", e.getMessage());
        }
    }

    private String model(String field, String name) {
        return registry.find(EntryKind.MODEL, name)
                .map(ModelEntry::name)
                .orElseThrow(() -> new ApiException(
                        404,
                        "model_not_found",
                        "there is no model " + Shown.text(name) + "; expected one of " + String.join(", ", models()),
                        field));
    }

    private String listed(String field, EntryKind kind, String name) {
        return registry.find(kind, name)
                .map(ModelEntry::name)
                .orElseThrow(() -> ApiException.invalid(field, registry.missing(kind, name)));
    }
}
