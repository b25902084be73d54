package io.latent4j.cli.options;

import io.latent4j.pipeline.request.GenerationRequest;
import io.latent4j.pipeline.request.Variation;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Images like that of the seed. */
public final class VariationOptions {
    @Option(
            names = "--variation-strength",
            paramLabel = "X",
            description = "Vary the image of --seed: how far to go towards that of another seed, 0 to 1. Of several,"
                    + " each is a variation of the same image.")
    private Optional<Double> strength;

    @Option(
            names = "--variation-seed",
            paramLabel = "N",
            converter = SeedConverter.class,
            description = "The other seed (default: a random one, which is printed). Image i of several has this + i.")
    private Optional<Long> seed;

    /**
     * The request with what these options say. Without a seed, the other seed is a random one.
     *
     * @throws IllegalArgumentException if there is a seed and no strength, or the strength is out of range
     */
    public GenerationRequest addTo(GenerationRequest request) {
        Optional<Variation> before = request.batch().variation();
        if (strength.isEmpty() && before.isEmpty() && seed.isPresent()) {
            throw new IllegalArgumentException("--variation-seed is given without --variation-strength; expected both");
        }
        if (strength.isEmpty() && seed.isEmpty()) {
            return request;
        }
        long towards = seed.or(() -> before.map(Variation::seed)).orElseGet(SeedConverter::random);
        return request.withVariation(new Variation(
                towards, strength.or(() -> before.map(Variation::strength)).orElseThrow()));
    }
}
