package io.latent4j.training;

import io.latent4j.training.data.CaptionedPicture;
import io.latent4j.training.data.CaptionedPictures;
import io.latent4j.training.data.Faults;
import io.latent4j.training.data.PictureFolder;
import io.latent4j.training.data.scenes.SceneSet;
import io.latent4j.training.data.scenes.Scenes;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The pictures that a {@code data} section names: of one or several folders, scenes that are drawn on demand, or pictures
 * that a program gives.
 *
 * @param mirrors whether captions stay right where left and right are exchanged, as far as this can tell
 * @param warnings of what was left out
 */
record PictureSource(List<Part> parts, boolean mirrors, List<String> warnings) {
    private static final int MOST_REPEATS = 1000;

    /**
     * Pictures of one folder, or what stands for one.
     *
     * @param repeats how often each comes in an epoch
     */
    record Part(CaptionedPictures pictures, int repeats) {}

    PictureSource {
        parts = List.copyOf(parts);
        warnings = List.copyOf(warnings);
    }

    /**
     * Opens it.
     *
     * @param given pictures that a program gives instead of folders and scenes
     * @param texts whether a run learns from captions: the key {@code prompt} is for those
     * @param side of scenes, in pixels
     */
    static PictureSource read(
            RunFile data, Optional<CaptionedPictures> given, boolean texts, int side, long seed, Faults faults)
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
                            ? data + ": expected neither folder, folders nor scenes, as the program gives the pictures"
                            : data + ": expected folder, with pictures and captions, or folders, several of them, or"
                                    + " scenes, a number of them to draw, and only one of the three");
        }
        if (prompt.isPresent() && folder.isEmpty() && folders.isEmpty()) {
            throw data.bad("prompt", prompt.get(), "none, as there is no folder, of whose pictures it could be said");
        }
        if (given.isPresent()) {
            return new PictureSource(List.of(new Part(given.get(), 1)), true, List.of());
        }
        if (scenes > 0) {
            SceneSet drawn = new SceneSet(scenes, side, seed, shareOfTwo, Scenes.Part.TRAINING);
            return new PictureSource(List.of(new Part(drawn, 1)), shareOfTwo == 0, List.of());
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
        return new PictureSource(parts, true, warnings);
    }

    private static CaptionedPictures open(Path folder, Optional<String> prompt, Faults faults, List<String> warnings)
            throws IOException {
        PictureFolder opened = prompt.isPresent()
                ? PictureFolder.open(folder, faults, prompt.get())
                : PictureFolder.open(folder, faults);
        if (!opened.skipped().isEmpty()) {
            warnings.add("left out " + opened.skipped().size() + " pictures of " + folder + "; the first: "
                    + opened.skipped().get(0));
        }
        return opened;
    }

    /** Each picture once, part after part. */
    CaptionedPictures all() {
        if (parts.size() == 1) {
            return parts.get(0).pictures;
        }
        List<CaptionedPicture> all = new ArrayList<>();
        for (Part part : parts) {
            for (int i = 0; i < part.pictures.size(); i++) {
                all.add(part.pictures.example(i));
            }
        }
        return CaptionedPictures.of(all);
    }

    /** The first {@code count} of {@link #all} as an epoch has them: first each once, then those that come again. */
    CaptionedPictures repeated(int count) {
        CaptionedPictures once = all().part(0, count);
        if (parts.stream().allMatch(part -> part.repeats == 1)) {
            return once;
        }
        List<CaptionedPicture> epoch = new ArrayList<>();
        int most = parts.stream().mapToInt(Part::repeats).max().orElseThrow();
        for (int round = 0; round < most; round++) { // neighbours differ: one takes a damaged one's place
            int index = 0;
            for (Part part : parts) {
                for (int i = 0; i < part.pictures.size(); i++, index++) {
                    if (index < count && round < part.repeats) {
                        epoch.add(once.example(index));
                    }
                }
            }
        }
        return CaptionedPictures.of(epoch);
    }
}
