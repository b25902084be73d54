package io.latent4j.cli.options;

import io.latent4j.pipeline.request.GenerationRequest;
import io.latent4j.schedulers.Steps;
import io.latent4j.schedulers.catalogue.Schedulers;
import io.latent4j.schedulers.config.SchedulerConfig;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import picocli.CommandLine.Option;

/** Steps of one's own, in place of a number of them. */
public final class SamplerOptions {
    @Option(
            names = "--timesteps",
            paramLabel = "T",
            split = ",",
            description = "Training timesteps to visit, largest first, instead of --steps: 999,759,499,259,19 for"
                    + " instance.")
    private List<Double> timesteps = List.of();

    @Option(
            names = "--sigmas",
            paramLabel = "X",
            split = ",",
            description = "Noise levels to visit, largest first, instead of --steps; the last is where the run ends:"
                    + " 14.6,6.5,2.7,1,0.4,0 for instance.")
    private List<Double> sigmas = List.of();

    /**
     * The request with these steps, of which there are {@code count} or those that are listed.
     *
     * @throws IllegalArgumentException if steps are told in two ways, or a list is not sorted
     */
    public GenerationRequest addTo(GenerationRequest request, Optional<Integer> count) {
        long ways = Stream.of(count.isPresent(), !timesteps.isEmpty(), !sigmas.isEmpty())
                .filter(given -> given)
                .count();
        if (ways > 1) {
            throw new IllegalArgumentException("--steps, --timesteps and --sigmas exclude each other; expected one");
        }
        if (!timesteps.isEmpty()) {
            return request.withSteps(Steps.atTimesteps(timesteps));
        }
        if (!sigmas.isEmpty()) {
            return request.withSteps(Steps.atSigmas(sigmas));
        }
        return count.map(request::withSteps).orElse(request);
    }

    /**
     * Refuses a model whose file names no method that there is, where the request names none either. That is the model's
     * fault and not the user's.
     */
    public static void checkOwn(SchedulerConfig config, GenerationRequest request) {
        if (request.sampling().scheduler().isPresent() || !config.settings().isEmpty()) {
            return;
        }
        try {
            Schedulers.from(config);
        } catch (IllegalArgumentException e) {
            throw new IllegalStateException(e.getMessage() + "; or choose a method with --scheduler", e);
        }
    }
}
