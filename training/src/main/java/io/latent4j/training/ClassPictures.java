package io.latent4j.training;

import com.google.common.hash.Hashing;
import io.latent4j.core.image.PngFile;
import io.latent4j.pipeline.GenerationRequest;
import io.latent4j.pipeline.StableDiffusionPipeline;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;

/**
 * Pictures of a class that a model makes of itself before it learns something new: each a file with its caption beside
 * it, so that what was made before a stop is there afterwards.
 *
 * @param prompts what they show, in turn
 * @param steps denoising steps of each
 * @param seed of the first; that of picture i is {@code seed + i}
 */
record ClassPictures(List<String> prompts, int count, int steps, double guidanceScale, long seed) {

    ClassPictures {
        prompts = List.copyOf(prompts);
    }

    /** Where they are, under {@code all}: a name that follows from all that a picture follows from. */
    Path in(Path all, Reading model, int side) {
        String key = String.join(
                "\n",
                model.parts().name(),
                "" + model.clipSkip(),
                "" + side,
                "" + prompts,
                "" + steps,
                "" + guidanceScale,
                "" + seed);
        String name = Hashing.sha256().hashString(key, StandardCharsets.UTF_8).toString();
        return all.resolve(name.substring(0, 12));
    }

    /**
     * Makes those that are not in {@code folder} yet.
     *
     * @return how many there are, which is more than {@code count} where more were asked for before
     * @throws CancellationException if {@code watcher} stops it; what was made is kept
     */
    int make(Path folder, Reading model, int side, TrainingLoop.Watcher watcher) throws IOException {
        Files.createDirectories(folder);
        int first = done(folder);
        if (first < count) {
            watcher.note("making " + count + " pictures of " + prompts + " in " + folder
                    + (first > 0 ? ", of which " + first + " are there" : ""));
        }
        StableDiffusionPipeline pipeline = new StableDiffusionPipeline(model.parts());
        for (int i = first; i < count; i++) {
            try {
                make(folder, i, pipeline, request(i, model, side), watcher);
            } catch (CancellationException e) {
                watcher.note("stopped with " + i + " of " + count
                        + " class pictures made; the same command goes on from there");
                throw e;
            }
            watcher.classPicture(i + 1, count);
        }
        return Math.max(first, count);
    }

    private static int done(Path folder) {
        int done = 0;
        while (Files.exists(picture(folder, done))) {
            done++;
        }
        return done;
    }

    private void make(
            Path folder,
            int index,
            StableDiffusionPipeline pipeline,
            GenerationRequest request,
            TrainingLoop.Watcher watcher)
            throws IOException {
        var image = pipeline.generate(request, new StopEarly(watcher::stopping)).image();
        Path picture = picture(folder, index);
        Files.writeString(picture.resolveSibling("%06d.txt".formatted(index)), request.prompt() + "\n");
        PngFile.write(picture, image, Map.of()); // last: with it the picture counts as made
    }

    private GenerationRequest request(int index, Reading model, int side) {
        return new GenerationRequest(prompts.get(index % prompts.size()))
                .withSize(side, side)
                .withSteps(steps)
                .withGuidanceScale(guidanceScale)
                .withClipSkip(model.clipSkip())
                .withSeed(seed + index);
    }

    private static Path picture(Path folder, int index) {
        return folder.resolve("%06d.png".formatted(index));
    }
}
