package io.latent4j.training.diffusion;

import io.latent4j.core.config.Counted;
import io.latent4j.core.image.PngFile;
import io.latent4j.pipeline.TextToImagePipeline;
import io.latent4j.pipeline.model.Components;
import io.latent4j.pipeline.request.GenerationRequest;
import io.latent4j.textencoder.PromptSyntax;
import io.latent4j.training.batches.ContentName;
import io.latent4j.training.data.ArrayCache;
import io.latent4j.training.model.ModelConditioner;
import io.latent4j.training.run.Synced;
import io.latent4j.training.run.TrainingLoop;
import io.latent4j.training.samples.StopEarly;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;

/**
 * Images of a class that a model makes of itself before it learns something new: each a file with its caption beside
 * it, so that what was made before a stop is there afterwards.
 *
 * @param prompts what they show, in turn
 * @param steps denoising steps of each
 * @param seed of the first; that of image i is {@code seed + i}
 */
record ClassImages(List<String> prompts, int count, int steps, double guidanceScale, long seed) {

    ClassImages {
        prompts = List.copyOf(prompts);
    }

    /**
     * Where they are, under {@code all}: a name that follows from all that an image follows from. Reads all weights once.
     */
    Path in(Path all, ModelConditioner model, int side) {
        Components parts = model.parts();
        List<String> key = new ArrayList<>();
        key.add(ContentName.of(parts.unet(), parts.unet().config()));
        key.add(ContentName.of(parts.vae().block(), parts.vae().config()));
        parts.readers()
                .forEach(reader -> key.add(ContentName.of(
                        reader.encoder().block(), reader.encoder().config())));
        key.add(parts.scheduler().json().toString());
        key.add("zeros for an empty prompt: " + parts.zerosForEmptyPrompt());
        key.add("clip skip " + model.clipSkip());
        key.add("side " + side);
        key.add("steps " + steps);
        key.add("guidance " + guidanceScale);
        key.add("seed " + seed);
        for (String prompt : prompts) {
            key.add(prompt);
            parts.readers()
                    .forEach(reader ->
                            key.add(reader.tokenizer().encode(prompt).ids().toString()));
        }
        return all.resolve(ArrayCache.key(key.toArray(String[]::new)).substring(0, 12));
    }

    /**
     * Makes those that are not in {@code folder} yet.
     *
     * @return how many there are, which is more than {@code count} where more were asked for before
     * @throws CancellationException if {@code watcher} stops it; what was made is kept
     */
    int make(Path folder, ModelConditioner model, int side, TrainingLoop.Watcher watcher) throws IOException {
        Files.createDirectories(folder);
        int first = done(folder);
        if (first < count) {
            watcher.note("making " + Counted.of(count, "image") + " of " + prompts + " in " + folder
                    + (first > 0 ? ", of which " + first + " are there" : ""));
        }
        TextToImagePipeline pipeline = new TextToImagePipeline(model.parts());
        for (int i = first; i < count; i++) {
            try {
                make(folder, i, pipeline, request(i, model, side), watcher);
            } catch (CancellationException e) {
                watcher.note("stopped with " + i + " of " + Counted.of(count, "class image")
                        + " made; the same command goes on from there");
                throw e;
            }
            watcher.classImage(i + 1, count);
        }
        return Math.max(first, count);
    }

    private static int done(Path folder) {
        int done = 0;
        while (Files.exists(image(folder, done))) {
            done++;
        }
        return done;
    }

    private void make(
            Path folder,
            int index,
            TextToImagePipeline pipeline,
            GenerationRequest request,
            TrainingLoop.Watcher watcher)
            throws IOException {
        var image = pipeline.generate(request, new StopEarly(watcher::stopping)).image();
        String name = "%06d".formatted(index);
        Path text = Files.writeString(
                folder.resolve(name + ".txt.draft"), request.prompt().text() + "\n");
        Synced.move(text, folder.resolve(name + ".txt"));
        Path draft = folder.resolve(name + ".png.draft");
        PngFile.write(draft, image, Map.of());
        Synced.move(draft, image(folder, index)); // last: with it the image counts as made
    }

    private GenerationRequest request(int index, ModelConditioner model, int side) {
        return new GenerationRequest(prompts.get(index % prompts.size()))
                .withPromptSyntax(PromptSyntax.PLAIN) // as captions are read
                .withSize(side, side)
                .withSteps(steps)
                .withGuidanceScale(guidanceScale)
                .withClipSkip(model.clipSkip())
                .withSeed(seed + index);
    }

    private static Path image(Path folder, int index) {
        return folder.resolve("%06d.png".formatted(index));
    }
}
