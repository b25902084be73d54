package io.latent4j.training.batches;

import io.latent4j.core.config.Bounds;
import io.latent4j.core.config.Config;
import io.latent4j.training.data.scenes.SceneSet;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Where the images of a {@code data} section come from: folders, scenes that are drawn on demand, or, with neither, the
 * program.
 *
 * @param scenes how many; 0 for none
 * @param shareOfTwo which part of the scenes has two figures, 0 to 1
 */
public record SourcePlan(List<Folder> folders, int scenes, double shareOfTwo) {
    private static final int MOST_REPEATS = 1000;

    /**
     * One folder.
     *
     * @param prompt the caption of each of its images; empty for captions of their own
     * @param repeats how often each image comes in an epoch
     */
    public record Folder(Path path, Optional<String> prompt, int repeats) {}

    public SourcePlan {
        folders = List.copyOf(folders);
    }

    static SourcePlan ofFolder(Path folder, Optional<String> prompt) {
        return new SourcePlan(List.of(new Folder(folder, prompt, 1)), 0, 0);
    }

    /**
     * Reads the keys of a section that name images.
     *
     * @param texts whether a run learns from captions: the key {@code prompt} is for those
     * @param given whether the program gives the images
     */
    static SourcePlan read(Config data, boolean texts, boolean given) {
        int scenes = data.integer("scenes", Bounds.of(0, SceneSet.MOST), 0);
        double shareOfTwo = data.real("share_of_two", Bounds.of(0, 1), 0.8);
        Optional<Path> single = data.path("folder");
        List<Config> several = data.sections("folders");
        Optional<String> prompt = texts ? data.optionalText("prompt") : Optional.empty();
        int named = (single.isPresent() ? 1 : 0) + (several.isEmpty() ? 0 : 1) + (scenes > 0 ? 1 : 0);
        if (given && named > 0) {
            data.refuse("expected neither folder, folders nor scenes, as the program gives the images");
        } else if (!given && named != 1) {
            data.refuse("expected folder, with images and captions, or folders, several of them, or scenes, a number"
                    + " of them to draw, and only one of the three");
        } else if (texts && single.isEmpty() && several.isEmpty()) {
            data.refuseWithoutEffect("there is no folder whose images it could describe", "prompt");
        }
        List<Folder> folders = new ArrayList<>();
        single.ifPresent(path -> folders.add(new Folder(path, prompt, 1)));
        for (Config each : several) {
            folders.add(new Folder(
                    each.requiredPath("folder"),
                    texts ? each.optionalText("prompt").or(() -> prompt) : Optional.empty(),
                    each.integer("repeats", Bounds.of(1, MOST_REPEATS), 1)));
        }
        return new SourcePlan(folders, scenes, shareOfTwo);
    }

    /** Whether captions stay right where left and right are exchanged, as far as this can be seen. */
    boolean mirrors() {
        return scenes == 0 || shareOfTwo == 0;
    }
}
