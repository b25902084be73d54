package io.latent4j.cli.options;

import io.latent4j.pipeline.request.GenerationRequest;
import io.latent4j.pipeline.request.StepCaching;
import java.util.List;
import picocli.CommandLine.Option;

/** What steps reuse of earlier ones. */
public final class CachingOptions {
    private static final String NONE = "none";

    @Option(
            names = "--cache",
            paramLabel = "KIND",
            description =
                    "Reuse what earlier steps computed, for less time and a slightly different image: deepcache:N for a"
                            + " UNet, of which one step of N is computed whole; tgate:N, which attends to the text and guides for N"
                            + " steps only; firstblock:X for a transformer, whose blocks are computed where the first changes by X"
                            + " or more. deepcache:3+tgate:10, or the option twice, for both (default: none).")
    private List<String> caches = List.of();

    /**
     * The request with what the option says; as it is where the option is not given.
     *
     * @throws IllegalArgumentException if it names no kind that is known, or a number is out of range
     */
    public GenerationRequest addTo(GenerationRequest request) {
        return caches.isEmpty() ? request : request.withCaching(caching());
    }

    private StepCaching caching() {
        return caches.equals(List.of(NONE)) ? StepCaching.NONE : StepCaching.parse(String.join("+", caches));
    }
}
