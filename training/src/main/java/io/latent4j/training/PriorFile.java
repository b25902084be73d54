package io.latent4j.training;

import com.google.common.hash.Hashing;
import io.latent4j.pipeline.Components;
import io.latent4j.pipeline.GenerationRequest;
import io.latent4j.pipeline.StableDiffusionPipeline;
import io.latent4j.training.data.CaptionedPicture;
import io.latent4j.training.data.CaptionedPictures;
import io.latent4j.training.data.PictureFolderWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The {@code prior} section of a run file: what the model is to go on knowing while it learns something new. Its own
 * pictures of a class are made before the run, and learned from beside the new ones (<a
 * href="https://arxiv.org/abs/2208.12242">Ruiz et al. 2023</a>, equation 2).
 *
 * @param prompts what the pictures show, in turn
 * @param weight of their loss
 */
record PriorFile(List<String> prompts, int count, double weight, int steps, double guidanceScale, long seed) {

    PriorFile {
        prompts = List.copyOf(prompts);
        if (!(weight > 0)) {
            throw new IllegalArgumentException("prior weight is " + weight + "; expected above 0");
        }
    }

    /** The settings of {@code prior}, each with its default; empty without prompts. */
    static Optional<PriorFile> read(RunFile prior) {
        List<String> prompts = prior.texts("prompts");
        int count = prior.integer("count", 1, 100);
        double weight = prior.real("weight", 1);
        int steps = prior.integer("steps", 1, 25);
        double guidanceScale = prior.real("guidance_scale", 3);
        int seed = prior.integer("seed", 0, 1_000_000);
        return prompts.isEmpty()
                ? Optional.empty()
                : Optional.of(new PriorFile(prompts, count, weight, steps, guidanceScale, seed));
    }

    /**
     * The pictures. They are made once and kept in the run's folder, under a name that follows from all that they
     * follow from.
     */
    PictureData pictures(Path run, Components parts, int side, TrainingLoop.Watcher watcher) throws IOException {
        String key = parts.name() + "\n" + side + "\n" + this;
        Path folder = run.resolve("class-pictures")
                .resolve(Hashing.sha256()
                        .hashString(key, StandardCharsets.UTF_8)
                        .toString()
                        .substring(0, 12));
        if (Files.notExists(folder)) {
            watcher.note("making " + count + " pictures of " + prompts + " in " + folder);
            PictureFolderWriter.write(new Made(parts, side), folder, done -> {});
        }
        RunFile data = RunFile.parse("prior", folder, "{folder: ., set_aside: 0, size: " + side + "}");
        return PictureData.read(data, seed);
    }

    /** Pictures that the model makes when they are asked for. */
    private final class Made implements CaptionedPictures {
        private final StableDiffusionPipeline pipeline;
        private final int side;

        Made(Components parts, int side) {
            this.pipeline = new StableDiffusionPipeline(parts);
            this.side = side;
        }

        @Override
        public int size() {
            return count;
        }

        @Override
        public CaptionedPicture example(int index) {
            String prompt = prompts.get(index % prompts.size());
            GenerationRequest request = new GenerationRequest(prompt)
                    .withSize(side, side)
                    .withSteps(steps)
                    .withGuidanceScale(guidanceScale)
                    .withSeed(seed + index);
            return CaptionedPicture.of(
                    prompt + " " + index, pipeline.generate(request).image(), prompt);
        }
    }
}
