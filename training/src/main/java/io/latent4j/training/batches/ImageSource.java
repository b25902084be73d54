package io.latent4j.training.batches;

import io.latent4j.training.config.RunFile;
import io.latent4j.training.data.CaptionedImage;
import io.latent4j.training.data.CaptionedImages;
import io.latent4j.training.data.Faults;
import io.latent4j.training.data.ImageFolder;
import io.latent4j.training.data.scenes.SceneSet;
import io.latent4j.training.data.scenes.Scenes;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The images that a {@code data} section names: of one or several folders, scenes that are drawn on demand, or images
 * that a program gives.
 *
 * @param mirrors whether captions stay right where left and right are exchanged, as far as this can tell
 * @param warnings of what was left out
 */
record ImageSource(List<Part> parts, boolean mirrors, List<String> warnings) {
    private static final int MOST_REPEATS = 1000;

    /**
     * Images of one folder, or what stands for one.
     *
     * @param repeats how often each comes in an epoch
     */
    record Part(CaptionedImages images, int repeats) {}

    ImageSource {
        parts = List.copyOf(parts);
        warnings = List.copyOf(warnings);
    }

    /**
     * Opens it.
     *
     * @param given images that a program gives instead of folders and scenes
     * @param texts whether a run learns from captions: the key {@code prompt} is for those
     * @param side of scenes, in pixels
     */
    static ImageSource read(
            RunFile data, Optional<CaptionedImages> given, boolean texts, int side, long seed, Faults faults)
            throws IOException {
        int scenes = data.integer("scenes", 0, 0);
        double shareOfTwo = data.real("share_of_two", 0.8);
        Optional<Path> folder = data.path("folder");
        List<RunFile> folders = data.sections("folders");
        Optional<String> prompt = texts ? data.text("prompt") : Optional.empty();
        int named = (folder.isPresent() ? 1 : 0) + (folders.isEmpty() ? 0 : 1) + (scenes > 0 ? 1 : 0);
        if (given.isPresent() ? named > 0 : named != 1) {
            throw new IllegalArgumentException(
                    given.isPresent()
                            ? data + ": expected neither folder, folders nor scenes, as the program gives the images"
                            : data + ": expected folder, with images and captions, or folders, several of them, or"
                                    + " scenes, a number of them to draw, and only one of the three");
        }
        if (prompt.isPresent() && folder.isEmpty() && folders.isEmpty()) {
            throw data.bad("prompt", prompt.get(), "none, as there is no folder, of whose images it could be said");
        }
        if (given.isPresent()) {
            return new ImageSource(List.of(new Part(given.get(), 1)), true, List.of());
        }
        if (scenes > 0) {
            SceneSet drawn = new SceneSet(scenes, side, seed, shareOfTwo, Scenes.Part.TRAINING);
            return new ImageSource(List.of(new Part(drawn, 1)), shareOfTwo == 0, List.of());
        }
        List<String> warnings = new ArrayList<>();
        List<Part> parts = new ArrayList<>();
        if (folder.isPresent()) {
            parts.add(new Part(open(folder.get(), prompt, faults, warnings), 1));
        }
        for (RunFile each : folders) {
            int repeats = each.integer("repeats", 1, 1);
            if (repeats > MOST_REPEATS) {
                throw each.bad("repeats", repeats, "1 to " + MOST_REPEATS);
            }
            Optional<String> own = texts ? each.text("prompt").or(() -> prompt) : Optional.empty();
            parts.add(new Part(open(each.requiredPath("folder"), own, faults, warnings), repeats));
        }
        return new ImageSource(parts, true, warnings);
    }

    private static CaptionedImages open(Path folder, Optional<String> prompt, Faults faults, List<String> warnings)
            throws IOException {
        ImageFolder opened =
                prompt.isPresent() ? ImageFolder.open(folder, faults, prompt.get()) : ImageFolder.open(folder, faults);
        if (!opened.skipped().isEmpty()) {
            warnings.add("left out " + opened.skipped().size() + " images of " + folder + "; the first: "
                    + opened.skipped().get(0));
        }
        opened.ignored().ifPresent(warnings::add);
        return opened;
    }

    /** Whether images come from files, which may be damaged. */
    boolean isOfFiles() {
        return parts.stream().anyMatch(part -> part.images instanceof ImageFolder);
    }

    /** Each image once, part after part. */
    CaptionedImages all() {
        if (parts.size() == 1) {
            return parts.get(0).images;
        }
        List<CaptionedImage> all = new ArrayList<>();
        for (Part part : parts) {
            for (int i = 0; i < part.images.size(); i++) {
                all.add(part.images.example(i));
            }
        }
        return CaptionedImages.of(all);
    }

    /** The first {@code count} of {@link #all} as an epoch has them: first each once, then those that come again. */
    CaptionedImages repeated(int count) {
        CaptionedImages once = all().part(0, count);
        if (parts.stream().allMatch(part -> part.repeats == 1)) {
            return once;
        }
        List<CaptionedImage> epoch = new ArrayList<>();
        int most = parts.stream().mapToInt(Part::repeats).max().orElseThrow();
        for (int round = 0; round < most; round++) { // neighbours differ: one takes a damaged one's place
            int index = 0;
            for (Part part : parts) {
                for (int i = 0; i < part.images.size(); i++, index++) {
                    if (index < count && round < part.repeats) {
                        epoch.add(once.example(index));
                    }
                }
            }
        }
        return CaptionedImages.of(epoch);
    }
}
