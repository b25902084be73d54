package io.latent4j.pipeline.run;

import io.latent4j.pipeline.model.Model;
import io.latent4j.pipeline.request.DenoisingRange;
import io.latent4j.pipeline.request.GenerationRequest;
import io.latent4j.schedulers.NoiseLevel;
import io.latent4j.schedulers.Plan;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The runs that one request takes, one after the other.
 *
 * @param refiner the refiner's
 * @param larger the one at a larger size
 */
public record Stages(Run base, Optional<Run> refiner, Optional<Run> larger) {
    private static final double SAME_LEVEL = 1e-3;

    /** The runs of one model. */
    public static Stages of(GenerationRequest request, Model parts, Attachments attached) {
        Run base = Run.of(request, parts, attached);
        CachingCheck.checkGate(base);
        return new Stages(base, Optional.empty(), base.larger());
    }

    /**
     * The runs of two models.
     *
     * @param from the fraction of the trajectory after which {@code refiner} takes over
     * @throws IllegalArgumentException if it would not begin where the first model ends
     */
    public static Stages of(GenerationRequest request, Model parts, Attachments attached, Model refiner, double from) {
        if (!request.sampling().range().equals(DenoisingRange.ALL)) {
            throw new IllegalArgumentException(
                    "the request has a denoising range, and the pipeline a refiner; expected one of them");
        }
        Run base = Run.of(request.withRange(new DenoisingRange(0, from)), parts, attached);
        CachingCheck.checkGate(base);
        Run rest = Run.of(
                base.request()
                        .withAdapters(List.of())
                        .withControls(List.of())
                        .withSize(base.width(), base.height())
                        .withSteps(base.course().steps())
                        .withGuidance(
                                request.guidance().withScale(base.guidance().scale()))
                        .withRange(new DenoisingRange(from, 1)),
                refiner,
                Attachments.NONE);
        checkMeet(base, rest);
        return new Stages(base, Optional.of(rest), base.larger());
    }

    /** The same runs with another prompt. */
    public Stages withPrompt(String prompt) {
        return new Stages(
                base.withPrompt(prompt),
                refiner.map(run -> run.withPrompt(prompt)),
                larger.map(run -> run.withPrompt(prompt)));
    }

    private static void checkMeet(Run base, Run rest) {
        Plan plan = base.course().plan();
        NoiseLevel end = plan.level(base.course().taken(plan));
        NoiseLevel start = rest.course().plan().level(0);
        if (Math.abs(start.ratio() - end.ratio()) > SAME_LEVEL * end.ratio()) {
            throw new IllegalArgumentException("the refiner " + rest.parts().name() + " begins at timestep "
                    + ParametersText.number(start.timestep()) + ", where "
                    + base.parts().name() + " ends at " + ParametersText.number(end.timestep())
                    + "; expected one schedule for both: the same scheduler and settings");
        }
    }

    /** How many steps they take together. */
    public int steps() {
        return Stream.of(Optional.of(base), refiner, larger)
                .flatMap(Optional::stream)
                .mapToInt(Stages::steps)
                .sum();
    }

    /** How many steps one of them takes. */
    public static int steps(Run run) {
        return run.course().taken(run.course().plan());
    }

    /** How image {@code i} was made, in the form that other tools read. */
    public String parameters(int i) {
        return ParametersText.of(base, refiner, i);
    }
}
