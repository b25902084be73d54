package io.latent4j.training.diffusion;

import io.latent4j.core.config.Bounds;
import io.latent4j.core.config.Config;
import io.latent4j.pipeline.model.ModelDefaults;
import io.latent4j.training.batches.DataPlan;
import io.latent4j.training.batches.ImageData;
import io.latent4j.training.model.ModelConditioner;
import io.latent4j.training.run.TrainingLoop;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.stream.Stream;

/**
 * The {@code prior} section of a run file: what the model is to keep while it learns something new. It learns images of a
 * class, its own ones generated before the run or the user's, beside the new ones (<a
 * href="https://arxiv.org/abs/2208.12242">Ruiz et al. 2023</a>, equation 2).
 *
 * @param folder of the user's images; empty for those that the model generates
 * @param prompts of the images that are generated, in turn; of a folder, at most one, the caption of each of its images
 * @param count of images that are generated
 * @param steps of each; empty for the model's own
 * @param guidanceScale of each; empty for the model's own
 * @param seed of the first
 * @param weight of their loss
 * @param notes on keys that have no effect
 */
public record PriorPlan(
        Optional<Path> folder,
        List<String> prompts,
        int count,
        Optional<Integer> steps,
        Optional<Double> guidanceScale,
        int seed,
        double weight,
        List<String> notes) {
    private static final List<String> GENERATION = List.of("count", "steps", "guidance_scale");

    public PriorPlan {
        prompts = List.copyOf(prompts);
        notes = List.copyOf(notes);
    }

    /** Reads the section, each key with its default. */
    public static PriorPlan read(Config prior) {
        Optional<Path> folder = prior.path("folder");
        List<String> prompts = prior.texts("prompts", List.of());
        if (folder.isPresent() && prompts.size() > 1) {
            prior.refuse(
                    "prompts",
                    "are " + prompts + "; expected one with a folder, which is the caption of each of its images, or"
                            + " none, for captions of their own");
        }
        List<String> others = folder.isPresent()
                ? GENERATION
                : prompts.isEmpty()
                        ? Stream.concat(GENERATION.stream(), Stream.of("seed", "weight"))
                                .toList()
                        : List.of();
        String reason = folder.isPresent()
                ? "prior.folder is set and none is generated"
                : "prior has neither prompts nor folder";
        List<String> given = others.stream().filter(prior::has).toList();
        return new PriorPlan(
                folder,
                prompts,
                prior.integer("count", Bounds.atLeast(1), 100),
                prior.has("steps") ? Optional.of(prior.integer("steps", Bounds.atLeast(1), 1)) : Optional.empty(),
                prior.optionalReal("guidance_scale", Bounds.finite()),
                prior.integer("seed", Bounds.atLeast(0), 1_000_000),
                prior.real("weight", Bounds.positive(), 1),
                given.isEmpty()
                        ? List.of()
                        : List.of("prior: " + String.join(", ", given) + " without effect, as " + reason));
    }

    /** Whether the run has no such images. */
    public boolean isEmpty() {
        return folder.isEmpty() && prompts.isEmpty();
    }

    /**
     * Opens the images, square; those that the model generates are kept in the run's folder.
     *
     * @param run its folder
     * @param side height and width in pixels
     * @throws CancellationException if {@code watcher} stops it; those that were generated are kept
     */
    public ImageData open(Path run, ModelConditioner model, int side, TrainingLoop.Watcher watcher) throws IOException {
        if (folder.isPresent()) {
            return open(folder.get(), side, 0, prompts.stream().findFirst());
        }
        ModelDefaults defaults = model.parts().defaults();
        ClassImages images = new ClassImages(
                prompts, count, steps.orElse(defaults.steps()), guidanceScale.orElse(defaults.guidanceScale()), seed);
        Path generated = images.in(run.resolve("class-images"), model, side);
        int more = images.make(generated, model, side, watcher) - count;
        return open(generated, side, more, Optional.empty());
    }

    private ImageData open(Path from, int side, int setAside, Optional<String> caption) throws IOException {
        DataPlan data = DataPlan.ofFolder("prior", from.toAbsolutePath(), caption, side, setAside);
        return ImageData.open(data, Optional.empty(), seed);
    }
}
