package io.latent4j.training.batches;

import com.google.gson.JsonObject;
import io.latent4j.core.config.Bounds;
import io.latent4j.core.config.Config;
import io.latent4j.training.data.Crop;
import io.latent4j.training.data.Faults;
import io.latent4j.training.data.ImageFolder;
import io.latent4j.training.data.Tags;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The {@code data} section of a run file.
 *
 * @param section names the section in errors
 * @param size height and width of images in pixels; empty for those that the model was trained on
 * @param setAside how many images, the last, are not learned from
 * @param crop which part is kept where the shape differs
 * @param flip how often left and right are exchanged, 0 to 1
 * @param buckets whether images go to the nearest of several shapes
 * @param faults what to do about damaged images
 * @param threads that load images
 * @param tags what is done to captions
 */
public record DataPlan(
        Config section,
        SourcePlan source,
        Optional<Integer> size,
        int setAside,
        Crop crop,
        double flip,
        boolean buckets,
        Faults faults,
        int threads,
        Tags tags) {
    private static final int LEAST_SIDE = 8;
    private static final int LARGE = 256;
    private static final int LARGE_STEP = 64;
    private static final int SMALL_STEP = 8;

    /**
     * What a kind of run makes of a {@code data} section.
     *
     * @param texts whether it learns from captions; if not, the keys about them are unknown
     * @param size of images unless the section says another; empty for that of the model
     * @param setAside how many, unless the section says another
     */
    public record Kind(boolean texts, Optional<Integer> size, int setAside) {
        /** Learns from images alone. */
        public static final Kind PIXELS = new Kind(false, Optional.of(64), 64);
        /** Learns from captions too, for a model that begins from nothing. */
        public static final Kind CAPTIONED = new Kind(true, Optional.of(64), 64);
        /** Teaches an existing model, from few images as a rule. */
        public static final Kind TUNING = new Kind(true, Optional.empty(), 0);
    }

    /**
     * Reads the section.
     *
     * @param given whether the program gives the images
     */
    public static DataPlan read(Config data, Kind kind, boolean given) {
        SourcePlan source = SourcePlan.read(data, kind.texts, given);
        double flip = data.real("flip", Bounds.of(0, 1), 0);
        if (flip > 0 && !source.mirrors()) {
            data.refuse(
                    "flip", "is " + flip + "; expected 0, as the captions of these scenes say left of and right of");
        }
        return new DataPlan(
                data,
                source,
                data.has("size") ? Optional.of(data.integer("size", Bounds.atLeast(LEAST_SIDE), 64)) : kind.size,
                data.integer("set_aside", Bounds.atLeast(0), kind.setAside),
                data.choice("crop", Crop.CENTRE),
                flip,
                data.flag("buckets", false),
                data.choice("damaged", Faults.SKIP),
                data.integer("threads", Bounds.atLeast(1), 1),
                kind.texts ? tags(data) : Tags.AS_THEY_ARE);
    }

    private static Tags tags(Config data) {
        String prefix = data.text("prefix", "").strip();
        boolean shuffle = data.flag("shuffle_tags", false);
        int keep = data.integer("keep_tags", Bounds.atLeast(0), 0);
        double dropout = data.real("tag_dropout", 0);
        if (!(dropout >= 0 && dropout < 1)) {
            data.refuse("tag_dropout", "is " + dropout + "; expected 0 to below 1");
            dropout = 0;
        }
        if (keep > 0 && !shuffle && dropout == 0) {
            data.refuse("keep_tags", "is " + keep + "; expected 0, as neither shuffle_tags nor tag_dropout is set");
            keep = 0;
        }
        return new Tags(prefix, shuffle, keep, dropout);
    }

    /** All images of a folder, cropped in the middle. */
    public static DataPlan ofFolder(String name, Path folder, Optional<String> prompt, int side, int setAside) {
        return new DataPlan(
                Config.of(name, new JsonObject()),
                SourcePlan.ofFolder(folder, prompt),
                Optional.of(side),
                setAside,
                Crop.CENTRE,
                0,
                false,
                Faults.SKIP,
                1,
                Tags.AS_THEY_ARE);
    }

    /**
     * Checks that the folders it names are there; opens nothing.
     *
     * @throws IOException if one is not
     */
    public void requireIsThere() throws IOException {
        for (SourcePlan.Folder folder : source.folders()) {
            ImageFolder.requireFolder(folder.path());
        }
    }

    /** This plan for images of this size, unless it says another. */
    public DataPlan withSize(int absent) {
        return new DataPlan(
                section,
                source,
                size.or(() -> Optional.of(absent)),
                setAside,
                crop,
                flip,
                buckets,
                faults,
                threads,
                tags);
    }

    /**
     * Height and width of every image in pixels, of the square bucket's where there are several.
     *
     * @throws IllegalStateException if it is that of a model and {@link #withSize} has not set it
     */
    public int side() {
        return size.orElseThrow(
                () -> new IllegalStateException("the size is that of a model; expected withSize first"));
    }

    /**
     * Checks that the size suits a model.
     *
     * @param multiple what height and width must be multiples of
     * @throws IllegalArgumentException if it does not
     */
    public void require(int multiple) {
        if (side() % multiple != 0) {
            section.refuse(
                    "size",
                    "is " + side() + "; expected a multiple of " + multiple + ", as the model halves images so often");
        } else if (buckets && side() % step(multiple) != 0) {
            section.refuse(
                    "size",
                    "is " + side() + "; expected a multiple of " + step(multiple) + ", the step between buckets");
        }
    }

    /** The smallest multiple of {@code multiple} that is one of the step usual at this size, too. */
    int step(int multiple) {
        int usual = side() >= LARGE ? LARGE_STEP : SMALL_STEP;
        int step = usual;
        while (step % multiple != 0) {
            step += usual;
        }
        return step;
    }
}
