package io.latent4j.training.diffusion;

import com.google.gson.JsonObject;
import io.latent4j.pipeline.model.ModelDefaults;
import io.latent4j.training.batches.ImageData;
import io.latent4j.training.config.RunFile;
import io.latent4j.training.model.Reading;
import io.latent4j.training.run.TrainingLoop;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.stream.Collectors;

/**
 * The {@code prior} section of a run file: what the model is to go on knowing while it learns something new. Images of a
 * class, its own ones made before the run or the user's, are learned from beside the new ones (<a
 * href="https://arxiv.org/abs/2208.12242">Ruiz et al. 2023</a>, equation 2).
 *
 * @param folder of the user's images; empty for those that the model makes
 * @param images that the model makes
 * @param weight of their loss
 */
public record PriorFile(Optional<Path> folder, ClassImages images, double weight) {

    public PriorFile {
        if (!(weight > 0)) {
            throw new IllegalArgumentException("prior weight is " + weight + "; expected above 0");
        }
        if (folder.isPresent() && images.prompts().size() > 1) {
            throw new IllegalArgumentException("prior prompts are " + images.prompts()
                    + "; expected one with a folder, which is said of each of its images, or none, for captions of"
                    + " their own");
        }
    }

    /**
     * The settings of {@code prior}, each with its default; empty without prompts and folder. Keys that then do nothing are
     * noted.
     */
    public static Optional<PriorFile> read(RunFile prior, ModelDefaults model, TrainingLoop.Watcher watcher) {
        ClassImages images = new ClassImages(
                prior.texts("prompts"),
                prior.integer("count", 1, 100),
                prior.integer("steps", 1, model.steps()),
                prior.real("guidance_scale", model.guidanceScale()),
                prior.integer("seed", 0, 1_000_000));
        PriorFile read = prior.checked(() -> new PriorFile(prior.path("folder"), images, prior.real("weight", 1)));
        if (read.folder.isPresent()) {
            note(prior, List.of("count", "steps", "guidance_scale"), "prior.folder is there and none is made", watcher);
            return Optional.of(read);
        }
        if (images.prompts().isEmpty()) {
            List<String> others = List.of("count", "steps", "guidance_scale", "seed", "weight");
            note(prior, others, "prior has neither prompts nor folder", watcher);
            return Optional.empty();
        }
        return Optional.of(read);
    }

    private static void note(RunFile prior, List<String> keys, String reason, TrainingLoop.Watcher watcher) {
        String given = keys.stream().filter(prior::has).collect(Collectors.joining(", "));
        if (!given.isEmpty()) {
            watcher.note("prior: " + given + " without effect, as " + reason);
        }
    }

    /**
     * The images, square. Those that the model makes are kept in the run's folder.
     *
     * @throws CancellationException if {@code watcher} stops it
     */
    public ImageData images(Path run, Reading model, int side, TrainingLoop.Watcher watcher) throws IOException {
        if (folder.isPresent()) {
            return read(folder.get(), side, 0, images.prompts().stream().findFirst());
        }
        Path made = images.in(run.resolve("class-images"), model, side);
        int more = images.make(made, model, side, watcher) - images.count();
        return read(made, side, more, Optional.empty());
    }

    private ImageData read(Path from, int side, int setAside, Optional<String> caption) throws IOException {
        JsonObject data = new JsonObject();
        data.addProperty("folder", from.toAbsolutePath().toString());
        data.addProperty("set_aside", setAside);
        data.addProperty("size", side);
        caption.ifPresent(text -> data.addProperty("prompt", text));
        RunFile section = RunFile.parse("prior", from, data.toString());
        return ImageData.read(section, ImageData.Kind.CAPTIONED, Optional.empty(), images.seed());
    }
}
