package io.latent4j.cli.options;

import io.latent4j.pipeline.request.GenerationRequest;
import io.latent4j.pipeline.request.Sampling;
import io.latent4j.schedulers.catalogue.Schedulers;
import io.latent4j.schedulers.config.SchedulerConfig;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Which sampling method makes the steps. */
public final class SchedulerOptions {
    @Option(
            names = "--scheduler",
            paramLabel = "NAME",
            completionCandidates = Names.class,
            description = "Sampling method: ${COMPLETION-CANDIDATES} (default: the model's).")
    private Optional<String> scheduler;

    @Mixin
    private SchedulerSettings settings;

    /** The names that {@code --scheduler} takes. */
    static final class Names implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return Schedulers.names().iterator();
        }
    }

    /**
     * The method's name; empty for the model's own.
     *
     * @throws IllegalArgumentException if there is no such method
     */
    public Optional<String> name() {
        scheduler.ifPresent(Schedulers::title);
        return scheduler;
    }

    /**
     * The request with the method that the option names.
     *
     * @throws IllegalArgumentException if there is no such method
     */
    public GenerationRequest addTo(GenerationRequest request) {
        if (scheduler.isEmpty()) {
            return request;
        }
        Sampling old = request.sampling(); // whose eta is of the method that it had
        return request.withSampling(
                new Sampling(name(), old.steps(), OptionalDouble.empty(), old.range(), old.caching()));
    }

    /**
     * Other values for keys of the model's file.
     *
     * @param before that stay unless another method is chosen, which may not read them
     */
    public Map<String, String> settings(Map<String, String> before) {
        Map<String, String> all = new LinkedHashMap<>(scheduler.isPresent() ? Map.of() : before);
        all.putAll(settings.values());
        return all;
    }

    /**
     * What the model's file says, set anew.
     *
     * @throws IllegalArgumentException for a key or value that no method understands
     */
    public SchedulerConfig set(SchedulerConfig config) {
        return settings.set(config);
    }
}
