package io.latent4j.training.data;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The batches of a data set. Batch n is a function of the data set, the options and n alone, whatever was asked for before:
 * all that is random about an image comes from (seed, epoch, index). Any number of threads may ask at a time.
 */
public final class Batches {
    private static final long TAGS = 1; // of the streams of an image; the other has no number
    private static final int MOST_TRIES = 100; // for one image, until a data set counts as damaged

    private final CaptionedImages images;
    private final BatchOptions options;
    private final Consumer<String> warnings;
    private final BatchOrder order;
    private final Set<String> warned = ConcurrentHashMap.newKeySet();

    /** Batches whose warnings are dropped. */
    public Batches(CaptionedImages images, BatchOptions options) {
        this(images, options, warning -> {});
    }

    /**
     * Puts images into buckets, and warns of buckets that have less than a batch.
     *
     * @param warnings receives also those of images that turn out damaged, once for each, on the thread that loads them
     */
    public Batches(CaptionedImages images, BatchOptions options, Consumer<String> warnings) {
        this.images = images;
        this.options = options;
        this.warnings = warnings;
        this.order = new BatchOrder(
                options.seed(),
                options.batchSize(),
                IntStream.range(0, images.size())
                        .mapToObj(i -> options.buckets()
                                .nearest(
                                        images.example(i).width(),
                                        images.example(i).height()))
                        .toList());
        List<Integer> small = order.smallBuckets();
        if (!small.isEmpty()) {
            warnings.accept("fewer images than a batch of " + options.batchSize() + " for "
                    + small.stream()
                            .map(i -> options.buckets().sizes().get(i) + " (" + order.size(i) + ")")
                            .collect(Collectors.joining(", "))
                    + "; they come several times in one batch an epoch; use smaller batches or fewer sizes");
        }
    }

    /** How many batches an epoch has. */
    public int perEpoch() {
        return order.perEpoch();
    }

    /**
     * One batch.
     *
     * @param step from 0
     * @throws IOException if an image is damaged and the options say to stop, or no image of the size can be read
     */
    public Batch batch(long step) throws IOException {
        return load(plan(step));
    }

    /** What batch {@code step} will hold. */
    public BatchPlan plan(long step) {
        BatchOrder.Slots slots = order.batch(step);
        ImageSize size = options.buckets().sizes().get(slots.bucket());
        List<BatchPlan.Item> items = new ArrayList<>();
        for (int place = 0; place < slots.examples().size(); place++) {
            int round = place / order.size(slots.bucket()); // above 0 where an example comes again
            items.add(item(slots.examples().get(place), slots.epoch(), round, size));
        }
        return new BatchPlan(step, size, items);
    }

    /** What a batch of the first {@code count} examples will hold, in order and in the first of the sizes. */
    public BatchPlan first(int count) {
        ImageSize size = options.buckets().sizes().get(0);
        return new BatchPlan(
                0,
                size,
                IntStream.range(0, count).mapToObj(i -> item(i, 0, 0, size)).toList());
    }

    /** Draws the same numbers in the same order whatever the options, so that one option does not disturb another. */
    private BatchPlan.Item item(int index, long epoch, int round, ImageSize size) {
        CaptionedImage image = images.example(index);
        Draws draws = Draws.of(options.seed(), epoch, index, round);
        boolean mirrored = draws.uniform() < options.flip();
        boolean silent = draws.uniform() < options.captionDropout();
        String caption = image.captions().get(draws.below(image.captions().size()));
        double x = draws.uniform();
        double y = draws.uniform();
        ImageSize resized = covering(image, size);
        boolean random = options.crop() == Crop.RANDOM;
        return new BatchPlan.Item(
                index,
                silent ? "" : options.tags().said(caption, Draws.of(options.seed(), epoch, index, round, TAGS)),
                resized,
                offset(resized.width() - size.width(), random ? x : 0.5),
                offset(resized.height() - size.height(), random ? y : 0.5),
                mirrored);
    }

    /** The image's size when it is just large enough. */
    private static ImageSize covering(CaptionedImage image, ImageSize size) {
        double factor = Math.max((double) size.width() / image.width(), (double) size.height() / image.height());
        return new ImageSize(
                Math.max(size.width(), (int) Math.round(factor * image.width())),
                Math.max(size.height(), (int) Math.round(factor * image.height())));
    }

    private static int offset(int room, double share) {
        return Math.min(room, (int) (share * (room + 1)));
    }

    /**
     * Loads what is planned. Where an image is damaged and the options say to go on, the next of its size that can be read
     * takes its place.
     *
     * @throws IOException see {@link #batch}
     */
    public Batch load(BatchPlan plan) throws IOException {
        ImageSize size = plan.size();
        int length = 3 * size.width() * size.height();
        float[] pixels = new float[plan.items().size() * length];
        List<String> captions = new ArrayList<>();
        List<String> keys = new ArrayList<>();
        for (int i = 0; i < plan.items().size(); i++) {
            Loaded loaded = loaded(plan, plan.items().get(i));
            System.arraycopy(loaded.planes.values(), 0, pixels, i * length, length);
            captions.add(loaded.item.caption());
            keys.add(loaded.key);
        }
        return new Batch(plan.step(), captions, pixels, size.height(), size.width(), keys);
    }

    private record Loaded(BatchPlan.Item item, Planes planes, String key) {}

    private Loaded loaded(BatchPlan plan, BatchPlan.Item planned) throws IOException {
        BatchPlan.Item item = planned;
        Set<Integer> tried = new HashSet<>();
        while (true) {
            try {
                return new Loaded(item, planes(item, plan.size()), contentKey(item, plan.size()));
            } catch (IOException e) {
                int bucket = options.buckets().sizes().indexOf(plan.size());
                int next = order.following(item.index(), bucket);
                tried.add(item.index());
                if (options.faults() == Faults.STOP || tried.contains(next) || tried.size() == MOST_TRIES) {
                    throw e;
                }
                warnOnce(e.getMessage());
                item = item(next, plan.step() / order.perEpoch(), 0, plan.size());
            }
        }
    }

    private void warnOnce(String message) {
        if (warned.add(message)) {
            warnings.accept(message + " (left out)");
        }
    }

    private Planes planes(BatchPlan.Item item, ImageSize size) throws IOException {
        Planes part = Planes.of(images.example(item.index()).image())
                .resized(item.resized().width(), item.resized().height())
                .cropped(item.left(), item.top(), size.width(), size.height());
        return item.mirrored() ? part.mirrored() : part;
    }

    /**
     * A name for the content of a planned image, as {@link Batch#contentKeys()} will have it; the image is not decoded.
     *
     * @throws IOException if its file cannot be read
     */
    public String contentKey(BatchPlan.Item item, ImageSize size) throws IOException {
        return images.example(item.index()).contentKey() + ":" + item.treatment(size);
    }
}
