package io.latent4j.training;

import io.latent4j.training.data.Batch;
import io.latent4j.training.data.BatchOptions;
import io.latent4j.training.data.Batches;
import io.latent4j.training.data.Buckets;
import io.latent4j.training.data.CaptionedPictures;
import io.latent4j.training.data.Crop;
import io.latent4j.training.data.Faults;
import io.latent4j.training.data.PictureFolder;
import io.latent4j.training.data.scenes.SceneSet;
import io.latent4j.training.data.scenes.Scenes;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * The pictures of a run: those to learn from, and the last of the data set, which are set aside. Warnings that arise on
 * other threads wait for {@link #warnings}.
 */
final class PictureData {
    private static final double MOST_RATIO = 2; // of a bucket's sides
    private static final int LARGE = 256;
    private static final int LARGE_STEP = 64;
    private static final int SMALL_STEP = 8;

    private final RunFile section;
    private final CaptionedPictures pictures;
    private final int side;
    private final int learned;
    private final Crop crop;
    private final double flip;
    private final boolean buckets;
    private final Faults faults;
    private final int threads;
    private final long seed;
    private final Queue<String> warnings = new ConcurrentLinkedQueue<>();

    private PictureData(RunFile section, CaptionedPictures pictures, int setAside, boolean mirrors, long seed) {
        this.section = section;
        this.pictures = pictures;
        this.side = section.integer("size", 8, 64);
        this.learned = pictures.size() - setAside;
        this.crop = section.choice("crop", Crop.CENTRE);
        this.flip = section.real("flip", 0);
        this.buckets = section.flag("buckets", false);
        this.faults = section.choice("damaged", Faults.SKIP);
        this.threads = section.integer("threads", 1, 1);
        this.seed = seed;
        if (!(flip >= 0 && flip <= 1)) {
            throw section.bad("flip", flip, "0 to 1");
        }
        if (flip > 0 && !mirrors) {
            throw section.bad("flip", flip, "0, as the captions of these scenes say left of and right of");
        }
    }

    /** Opens what the {@code data} section names: a folder of pictures, or scenes that are drawn on demand. */
    static PictureData read(RunFile data, long seed) throws IOException {
        int side = data.integer("size", 8, 64);
        int setAside = data.integer("set_aside", 0, 64);
        int scenes = data.integer("scenes", 0, 0);
        double shareOfTwo = data.real("share_of_two", 0.8);
        Faults faults = data.choice("damaged", Faults.SKIP);
        Optional<Path> folder = data.path("folder");
        if (folder.isPresent() == scenes > 0) {
            throw new IllegalArgumentException(
                    data + ": expected folder, with pictures and captions, or scenes, a number"
                            + " of them to draw, and not both");
        }
        Optional<PictureFolder> opened = Optional.empty();
        if (folder.isPresent()) {
            opened = Optional.of(PictureFolder.open(folder.get(), faults));
        }
        CaptionedPictures pictures =
                opened.isPresent() ? opened.get() : new SceneSet(scenes, side, seed, shareOfTwo, Scenes.Part.TRAINING);
        if (setAside >= pictures.size()) {
            throw data.bad("set_aside", setAside, "fewer than the " + pictures.size() + " pictures there are");
        }
        PictureData read = new PictureData(data, pictures, setAside, folder.isPresent() || shareOfTwo == 0, seed);
        opened.filter(each -> !each.skipped().isEmpty())
                .ifPresent(
                        each -> read.warnings.add("left out " + each.skipped().size() + " pictures of " + folder.get()
                                + "; the first: " + each.skipped().get(0)));
        return read;
    }

    /**
     * Checks that the size suits a model.
     *
     * @param multiple what height and width must be multiples of
     */
    void require(int multiple) {
        if (side % multiple != 0) {
            throw section.bad("size", side, "a multiple of " + multiple + ", as the model halves pictures so often");
        }
        if (buckets && side % step(multiple) != 0) {
            throw section.bad("size", side, "a multiple of " + step(multiple) + ", the step between buckets");
        }
    }

    /** The smallest multiple of {@code multiple} that is one of the step usual at this size, too. */
    private int step(int multiple) {
        int usual = side >= LARGE ? LARGE_STEP : SMALL_STEP;
        int step = usual;
        while (step % multiple != 0) {
            step += usual;
        }
        return step;
    }

    /** Height and width of every picture, of the square bucket's where there are several. */
    int side() {
        return side;
    }

    /** How many there are to learn from. */
    int learned() {
        return learned;
    }

    /** All there are; those set aside are the last. */
    int size() {
        return pictures.size();
    }

    /** How many are set aside. */
    int setAside() {
        return size() - learned;
    }

    /** Whether a picture is brought to its size in the same way every time. */
    boolean isFixed() {
        return crop == Crop.CENTRE;
    }

    /** How many threads are to load pictures. */
    int threads() {
        return threads;
    }

    /** The captions of all pictures, as often as they occur. */
    List<String> allCaptions() {
        List<String> captions = new ArrayList<>();
        for (int i = 0; i < pictures.size(); i++) {
            captions.addAll(pictures.example(i).captions());
        }
        return captions;
    }

    /** All captions, each once. */
    Set<String> captions() {
        return new LinkedHashSet<>(allCaptions());
    }

    /**
     * Those to learn from, in batches.
     *
     * @param multiple as {@link #require} had it
     */
    Batches batches(int batch, double captionDropout, int multiple) {
        Buckets sizes = buckets ? Buckets.ofArea(side, step(multiple), MOST_RATIO) : Buckets.single(side, side);
        BatchOptions options = new BatchOptions(batch, sizes, crop, flip, captionDropout, seed, faults);
        return new Batches(pictures.part(0, learned), options, warnings::add);
    }

    /** The first {@code count} of those set aside, or all of them, their middle squares; empty if there are none. */
    Optional<Batch> setAside(int count) throws IOException {
        return setAside() == 0 ? Optional.empty() : Optional.of(firstSquares(learned, count));
    }

    /** The first {@code count} of those set aside, or, if there are none, of those to learn from. */
    Batch shown(int count) throws IOException {
        return firstSquares(setAside() == 0 ? 0 : learned, count);
    }

    private Batch firstSquares(int from, int count) throws IOException {
        Batches squares = squares(from, count);
        return squares.load(squares.first(Math.min(count, size() - from)));
    }

    /** Middle squares of the pictures from {@code from} on, at most {@code batch} at a time. */
    Batches squares(int from, int batch) {
        CaptionedPictures rest = pictures.part(from, size());
        BatchOptions options = BatchOptions.of(Math.min(batch, rest.size()), side, side)
                .withSeed(seed)
                .withFaults(faults);
        return new Batches(rest, options, warnings::add);
    }

    /** Says what has been left out, and what else there is to know, since the last time. */
    void warnings(TrainingLoop.Watcher watcher) {
        for (String text = warnings.poll(); text != null; text = warnings.poll()) {
            watcher.note(text);
        }
    }
}
