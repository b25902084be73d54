package io.latent4j.training.batches;

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

    private final DataPlan plan;
    private final CaptionedImages images; // each once
    private final CaptionedImages learned;
    private final long seed;
    private final boolean mustBeWhole;
    private final Queue<String> warnings = new ConcurrentLinkedQueue<>();

    private ImageData(DataPlan plan, ImageSource source, long seed) {
        this.plan = plan;
        this.images = source.all();
        this.learned = source.repeated(images.size() - plan.setAside());
        this.seed = seed;
        this.mustBeWhole = plan.faults() == Faults.STOP && source.isOfFiles();
        warnings.addAll(source.warnings());
    }

    /**
     * Opens the images of a plan, whose size is known.
     *
     * @param given images that a program gives, instead of those that the plan names
     * @param seed of scenes, the order, crops and captions
     * @throws IllegalArgumentException if the plan does not suit these images
     * @throws IOException if a folder cannot be read or has no image that can be used
     */
    public static ImageData open(DataPlan plan, Optional<CaptionedImages> given, long seed) throws IOException {
        ImageSource source = ImageSource.open(plan, given, seed);
        CaptionedImages all = source.all();
        if (plan.setAside() >= all.size()) {
            throw plan.section()
                    .bad("set_aside", plan.setAside(), "less than " + all.size() + ", the number of images");
        }
        checkTags(plan, all);
        return new ImageData(plan, source, seed);
    }

    /** Refuses what would have no effect on the captions of these images. */
    private static void checkTags(DataPlan plan, CaptionedImages images) {
        Tags tags = plan.tags();
        int fewest = tags.shuffle() ? tags.keep() + 2 : Math.max(2, tags.keep() + 1); // of a caption that changes
        if (tags.vary() && mostTags(images) < fewest) {
            String none = "as no caption has " + fewest + " or more tags, with commas between";
            throw tags.shuffle()
                    ? plan.section().bad("shuffle_tags", true, "false, " + none)
                    : plan.section().bad("tag_dropout", tags.dropout(), "0, " + none);
        }
    }

    /** The most tags that a caption has. */
    private static int mostTags(CaptionedImages images) {
        int most = 0;
        for (int i = 0; i < images.size(); i++) {
            for (String caption : images.example(i).captions()) {
                most = Math.max(most, Tags.of(caption).size());
            }
        }
        return most;
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
        watcher.note("checking that all images can be decoded (" + images.size() + "), as data.damaged is stop");
        try (Prefetcher<Boolean> decoded = new Prefetcher<>(this::decodes, 0, plan.threads(), 2 * plan.threads())) {
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

    /** Height and width of every image, of the square bucket's where there are several. */
    public int side() {
        return plan.side();
    }

    /** How many an epoch has to learn from; those that come several times count as often. */
    public int learned() {
        return learned.size();
    }

    /** How many are set aside. */
    public int setAside() {
        return plan.setAside();
    }

    /** Whether what is said of an image changes from time to time, beyond being one of its captions or nothing. */
    public boolean variesCaptions() {
        return plan.tags().vary();
    }

    /** Whether an image is brought to its size in the same way every time. */
    boolean isFixed() {
        return plan.crop() == Crop.CENTRE;
    }

    /** How many threads are to load images. */
    public int threads() {
        return plan.threads();
    }

    /** The captions of all images, as often as they occur. */
    public List<String> allCaptions() {
        List<String> captions = new ArrayList<>();
        for (int i = 0; i < images.size(); i++) {
            images.example(i)
                    .captions()
                    .forEach(caption -> captions.add(plan.tags().whole(caption)));
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
     * @param multiple as {@link DataPlan#require} had it
     */
    Batches batches(int batch, double captionDropout, int multiple) {
        return new Batches(learned, options(batch, captionDropout, multiple), warnings::add);
    }

    /** How many batches an epoch has; warns of nothing, as {@link #batches} does. */
    public int batchesPerEpoch(int batch, int multiple) {
        return new Batches(learned, options(batch, 0, multiple)).perEpoch();
    }

    private BatchOptions options(int batch, double captionDropout, int multiple) {
        int side = plan.side();
        Buckets sizes =
                plan.buckets() ? Buckets.ofArea(side, plan.step(multiple), MOST_RATIO) : Buckets.single(side, side);
        return new BatchOptions(
                batch, sizes, plan.crop(), plan.flip(), captionDropout, plan.tags(), seed, plan.faults());
    }

    /** The first {@code count} of those set aside, or all of them, their middle squares; empty if there are none. */
    public Optional<Batch> setAside(int count) throws IOException {
        return plan.setAside() == 0
                ? Optional.empty()
                : Optional.of(firstSquares(images.size() - plan.setAside(), count));
    }

    /** The first {@code count} of those set aside, or, if there are none, of those to learn from. */
    public Batch shown(int count) throws IOException {
        return firstSquares(plan.setAside() == 0 ? 0 : images.size() - plan.setAside(), count);
    }

    private Batch firstSquares(int from, int count) throws IOException {
        Batches squares = squares(from, count);
        return squares.load(squares.first(Math.min(count, images.size() - from)));
    }

    /** Middle squares of those set aside from the {@code from}th on, at most {@code batch} at a time. */
    public Batches setAside(int from, int batch) {
        return squares(images.size() - plan.setAside() + from, batch);
    }

    /** Middle squares of all images from {@code from} on, at most {@code batch} at a time. */
    public Batches squares(int from, int batch) {
        CaptionedImages rest = images.part(from, images.size());
        BatchOptions options = BatchOptions.of(Math.min(batch, rest.size()), plan.side(), plan.side())
                .withTags(plan.tags().still())
                .withSeed(seed)
                .withFaults(plan.faults());
        return new Batches(rest, options, warnings::add);
    }

    /** Says what has been left out, and what else there is to know, since the last time. */
    public void warnings(TrainingLoop.Watcher watcher) {
        for (String text = warnings.poll(); text != null; text = warnings.poll()) {
            watcher.note(text);
        }
    }
}
