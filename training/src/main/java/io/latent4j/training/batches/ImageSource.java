package io.latent4j.training.batches;

import io.latent4j.core.config.Counted;
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
 * @param warnings of what was left out
 */
record ImageSource(List<Part> parts, List<String> warnings) {

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
     * Opens it: reads captions and the first bytes of images.
     *
     * @param given images that a program gives instead of folders and scenes
     * @param seed of scenes
     * @throws IOException if a folder cannot be read or has no image that can be used
     */
    static ImageSource open(DataPlan plan, Optional<CaptionedImages> given, long seed) throws IOException {
        SourcePlan source = plan.source();
        if (given.isPresent()) {
            return new ImageSource(List.of(new Part(given.get(), 1)), List.of());
        }
        if (source.scenes() > 0) {
            SceneSet drawn = plan.section()
                    .checked(() ->
                            new SceneSet(source.scenes(), plan.side(), seed, source.shareOfTwo(), Scenes.Part.TRAINING))
                    .orElseThrow();
            return new ImageSource(List.of(new Part(drawn, 1)), List.of());
        }
        List<String> warnings = new ArrayList<>();
        List<Part> parts = new ArrayList<>();
        for (SourcePlan.Folder folder : source.folders()) {
            parts.add(new Part(open(folder.path(), folder.prompt(), plan.faults(), warnings), folder.repeats()));
        }
        return new ImageSource(parts, warnings);
    }

    private static CaptionedImages open(Path folder, Optional<String> prompt, Faults faults, List<String> warnings)
            throws IOException {
        ImageFolder opened =
                prompt.isPresent() ? ImageFolder.open(folder, faults, prompt.get()) : ImageFolder.open(folder, faults);
        if (!opened.skipped().isEmpty()) {
            warnings.add("left out " + Counted.of(opened.skipped().size(), "image") + " of " + folder + "; the first: "
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
