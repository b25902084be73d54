package io.latent4j.training.batches;

import io.latent4j.pipeline.model.ModelDefaults;
import io.latent4j.training.config.RunFile;
import io.latent4j.training.data.Batch;
import io.latent4j.training.data.BatchOptions;
import io.latent4j.training.data.Batches;
import io.latent4j.training.data.Buckets;
import io.latent4j.training.data.CaptionedImages;
import io.latent4j.training.data.Crop;
import io.latent4j.training.data.Faults;
import io.latent4j.training.data.Prefetcher;
import io.latent4j.training.data.Tags;
import io.latent4j.training.run.TrainingLoop;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * The images of a run: those to learn from, and the last of the data set, which are set aside. Warnings that arise on
 * other threads wait for {@link #warnings}.
 */
public final class ImageData {
    private static final double MOST_RATIO = 2; // of a bucket's sides
    private static final int LARGE = 256;
    private static final int LARGE_STEP = 64;
    private static final int SMALL_STEP = 8;

    private final RunFile section;
    private final CaptionedImages images; // each once
    private final CaptionedImages learned;
    private final int setAside;
    private final int side;
    private final Crop crop;
    private final double flip;
    private final boolean buckets;
    private final Faults faults;
    private final int threads;
    private final Tags tags;
    private final long seed;
    private final boolean mustBeWhole;
    private final Queue<String> warnings = new ConcurrentLinkedQueue<>();

    /**
     * What a kind of run makes of a {@code data} section.
     *
     * @param texts whether it learns from captions; if not, the keys about them are refused
     * @param side of images in pixels, unless the section says another
     * @param setAside how many, unless the section says another
     */
    public record Kind(boolean texts, int side, int setAside) {
        /** Learns from images alone. */
        public static final Kind PIXELS = new Kind(false, 64, 64);
        /** Learns from captions too, for a model that begins from nothing. */
        public static final Kind CAPTIONED = new Kind(true, 64, 64);

        /** Teaches a model that there is, from few images as a rule. */
        public static Kind tuning(ModelDefaults defaults) {
            return new Kind(true, defaults.width(), 0);
        }
    }

    private ImageData(RunFile section, Kind kind, ImageSource source, Faults faults, int side, long seed) {
        this.section = section;
        this.images = source.all();
        this.setAside = section.integer("set_aside", 0, kind.setAside);
        if (setAside >= images.size()) {
            throw section.bad("set_aside", setAside, "fewer than the " + images.size() + " images there are");
        }
        this.learned = source.repeated(images.size() - setAside);
        this.side = side;
        this.crop = section.choice("crop", Crop.CENTRE);
        this.flip = section.real("flip", 0);
        this.buckets = section.flag("buckets", false);
        this.faults = faults;
        this.threads = section.integer("threads", 1, 1);
        this.tags = kind.texts ? TagsFile.read(section, images) : Tags.AS_THEY_ARE;
        this.seed = seed;
        if (!(flip >= 0 && flip <= 1)) {
            throw section.bad("flip", flip, "0 to 1");
        }
        if (flip > 0 && !source.mirrors()) {
            throw section.bad("flip", flip, "0, as the captions of these scenes say left of and right of");
        }
        this.mustBeWhole = faults == Faults.STOP && source.isOfFiles();
        warnings.addAll(source.warnings());
    }

    /** The images that the {@code data} section names, of a run that learns from images alone. */
    public static ImageData read(RunFile data, long seed) throws IOException {
        return read(data, Kind.PIXELS, Optional.empty(), seed);
    }

    /**
     * The images that the {@code data} section names.
     *
     * @param given images that a program gives, instead of those
     */
    public static ImageData read(RunFile data, Kind kind, Optional<CaptionedImages> given, long seed)
            throws IOException {
        int side = data.integer("size", 8, kind.side);
        Faults faults = data.choice("damaged", Faults.SKIP);
        ImageSource source = ImageSource.read(data, given, kind.texts, side, seed, faults);
        return new ImageData(data, kind, source, faults, side, seed);
    }

    /**
     * Checks that the size suits a model.
     *
     * @param multiple what height and width must be multiples of
     */
    public void require(int multiple) {
        if (side % multiple != 0) {
            throw section.bad("size", side, "a multiple of " + multiple + ", as the model halves images so often");
        }
        if (buckets && side % step(multiple) != 0) {
            throw section.bad("size", side, "a multiple of " + step(multiple) + ", the step between buckets");
        }
    }

    /**
     * Decodes every image once where the section says {@code damaged: stop}, so that a damaged one is found before the run
     * and not in it.
     *
     * @throws IOException naming the first that is damaged
     * @throws CancellationException if {@code watcher} stops it
     */
    public void checkWhole(TrainingLoop.Watcher watcher) throws IOException {
        if (!mustBeWhole) {
            return;
        }
        watcher.note("checking that all " + images.size() + " images can be decoded, as data.damaged is stop");
        try (Prefetcher<Boolean> decoded = new Prefetcher<>(this::decodes, 0, threads, 2 * threads)) {
            for (int i = 0; i < images.size(); i++) {
                if (watcher.stopping()) {
                    throw new CancellationException("stopped while the images were checked");
                }
                decoded.next();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CancellationException("interrupted while the images were checked");
        }
    }

    private boolean decodes(long index) throws IOException {
        if (index < images.size()) {
            images.example((int) index).image();
        }
        return true;
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

    /** Height and width of every image, of the square bucket's where there are several. */
    public int side() {
        return side;
    }

    /** How many an epoch has to learn from; those that come several times count as often. */
    public int learned() {
        return learned.size();
    }

    /** How many are set aside. */
    public int setAside() {
        return setAside;
    }

    /** Whether what is said of an image changes from time to time, beyond being one of its captions or nothing. */
    public boolean variesCaptions() {
        return tags.vary();
    }

    /** Whether an image is brought to its size in the same way every time. */
    boolean isFixed() {
        return crop == Crop.CENTRE;
    }

    /** How many threads are to load images. */
    public int threads() {
        return threads;
    }

    /** The captions of all images, as often as they occur. */
    public List<String> allCaptions() {
        List<String> captions = new ArrayList<>();
        for (int i = 0; i < images.size(); i++) {
            images.example(i).captions().forEach(caption -> captions.add(tags.whole(caption)));
        }
        return captions;
    }

    /** All captions, each once. */
    public Set<String> captions() {
        return new LinkedHashSet<>(allCaptions());
    }

    /**
     * Those to learn from, in batches.
     *
     * @param multiple as {@link #require} had it
     */
    Batches batches(int batch, double captionDropout, int multiple) {
        return new Batches(learned, options(batch, captionDropout, multiple), warnings::add);
    }

    /** How many batches an epoch has; warns of nothing, as {@link #batches} does. */
    public int batchesPerEpoch(int batch, int multiple) {
        return new Batches(learned, options(batch, 0, multiple)).perEpoch();
    }

    private BatchOptions options(int batch, double captionDropout, int multiple) {
        Buckets sizes = buckets ? Buckets.ofArea(side, step(multiple), MOST_RATIO) : Buckets.single(side, side);
        return new BatchOptions(batch, sizes, crop, flip, captionDropout, tags, seed, faults);
    }

    /** The first {@code count} of those set aside, or all of them, their middle squares; empty if there are none. */
    public Optional<Batch> setAside(int count) throws IOException {
        return setAside == 0 ? Optional.empty() : Optional.of(firstSquares(images.size() - setAside, count));
    }

    /** The first {@code count} of those set aside, or, if there are none, of those to learn from. */
    public Batch shown(int count) throws IOException {
        return firstSquares(setAside == 0 ? 0 : images.size() - setAside, count);
    }

    private Batch firstSquares(int from, int count) throws IOException {
        Batches squares = squares(from, count);
        return squares.load(squares.first(Math.min(count, images.size() - from)));
    }

    /** Middle squares of those set aside from the {@code from}th on, at most {@code batch} at a time. */
    public Batches setAside(int from, int batch) {
        return squares(images.size() - setAside + from, batch);
    }

    /** Middle squares of all images from {@code from} on, at most {@code batch} at a time. */
    public Batches squares(int from, int batch) {
        CaptionedImages rest = images.part(from, images.size());
        BatchOptions options = BatchOptions.of(Math.min(batch, rest.size()), side, side)
                .withTags(tags.still())
                .withSeed(seed)
                .withFaults(faults);
        return new Batches(rest, options, warnings::add);
    }

    /** Says what has been left out, and what else there is to know, since the last time. */
    public void warnings(TrainingLoop.Watcher watcher) {
        for (String text = warnings.poll(); text != null; text = warnings.poll()) {
            watcher.note(text);
        }
    }
}
