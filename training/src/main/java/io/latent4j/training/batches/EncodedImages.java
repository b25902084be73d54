package io.latent4j.training.batches;

import ai.djl.ndarray.types.Shape;
import io.latent4j.training.data.ArrayCache;
import io.latent4j.training.data.Batch;
import io.latent4j.training.data.BatchPlan;
import io.latent4j.training.data.Batches;
import io.latent4j.training.data.CachedArray;
import io.latent4j.training.run.TrainingLoop;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The images of a run as an autoencoder's latents. Each is encoded when it is first used and its latents are kept on disk,
 * where it looks the same every time; with random crops it is encoded every time. Images are loaded ahead on other threads;
 * the autoencoder is asked for on the caller's.
 */
public final class EncodedImages implements LatentBatches, AutoCloseable {
    private static final int BATCHES_SET_ASIDE = 8; // at most,
    private static final int IMAGES_SET_ASIDE = 64; // or so many images in more batches that are small
    private static final Duration WORTH_KEEPING = Duration.ofMinutes(1);

    private final ImageData data;
    private final ImageEncoder encoder;
    private final Settings settings;
    private final Batches batches;
    private final ArrayCache cache;
    private final TrainingLoop.Watcher watcher;
    private final BatchPrefetcher<List<Slot>> ahead;
    private List<LatentBatch> setAside = List.of();
    private long idle; // batches since something was encoded
    private long unwritten; // nanoseconds that went into what the cache has not written

    /**
     * How images become batches.
     *
     * @param batch images in one
     * @param parts batches that make up a step
     * @param threads that load images
     */
    public record Settings(int batch, int parts, double captionDropout, int threads) {
        public Settings {
            if (!(captionDropout >= 0 && captionDropout <= 1)) {
                throw new IllegalArgumentException("caption_dropout is " + captionDropout + "; expected 0 to 1");
            }
        }
    }

    /**
     * An image of a batch: its latents or, where they are not known yet, its pixels.
     *
     * @param key of its latents
     */
    private record Slot(String caption, String key, Optional<CachedArray> latents, Optional<Batch> pixels) {}

    /** Encodes nothing yet. The caller closes {@code cache}. */
    public EncodedImages(
            ImageData data, ImageEncoder encoder, Settings settings, ArrayCache cache, TrainingLoop.Watcher watcher) {
        this.data = data;
        this.encoder = encoder;
        this.settings = settings;
        this.batches = data.batches(settings.batch, settings.captionDropout, encoder.pixelsPerLatent());
        this.cache = cache;
        this.watcher = watcher;
        this.ahead = new BatchPrefetcher<>(number -> slots(batches, batches.plan(number)), settings.threads);
        data.warnings(watcher);
    }

    /** Returns what to know before the first step. */
    public String plan() {
        if (!data.isFixed()) {
            return "images are encoded anew every time, as crops are random";
        }
        return cache.size() == 0
                ? "each image is encoded when it is first used, so the first "
                        + (batches.perEpoch() == 1 ? "batch takes" : batches.perEpoch() + " batches take")
                        + " longer; latents are kept in " + cache
                : "images whose latents are not in " + cache + " are encoded when they are first used";
    }

    /** What a batch needs, on a thread that loads. */
    private List<Slot> slots(Batches from, BatchPlan plan) throws IOException {
        List<Slot> slots = new ArrayList<>();
        for (BatchPlan.Item item : plan.items()) {
            BatchPlan single = new BatchPlan(plan.step(), plan.size(), List.of(item));
            Optional<Slot> known = data.isFixed() ? known(from, single) : Optional.empty();
            slots.add(known.isPresent() ? known.get() : loaded(from.load(single)));
        }
        return slots;
    }

    private Optional<Slot> known(Batches from, BatchPlan single) {
        BatchPlan.Item item = single.items().get(0);
        try {
            String key = key(from.contentKey(item, single.size()));
            return cache.get(key).map(found -> new Slot(item.caption(), key, Optional.of(found), Optional.empty()));
        } catch (IOException e) {
            return Optional.empty(); // loading it will say what is wrong, or take another
        }
    }

    private Slot loaded(Batch single) {
        return new Slot(
                single.captions().get(0), key(single.contentKeys().get(0)), Optional.empty(), Optional.of(single));
    }

    private String key(String content) {
        return ArrayCache.key(encoder.name(), content);
    }

    @Override
    public int size() {
        return settings.batch;
    }

    @Override
    public Shape shape() {
        int side = data.side() / encoder.pixelsPerLatent();
        return new Shape(encoder.latentChannels(), side, side);
    }

    @Override
    public LatentBatch learned(long step, int part) throws IOException {
        List<Slot> slots = ahead.get((step - 1) * settings.parts + part);
        data.warnings(watcher);
        LatentBatch batch = encoded(slots);
        idle = slots.stream().allMatch(slot -> slot.latents.isPresent()) ? idle + 1 : 0;
        if (idle > batches.perEpoch()) {
            encoder.release();
        }
        return batch;
    }

    @Override
    public List<LatentBatch> setAside() throws IOException {
        if (setAside.isEmpty() && data.setAside() > 0) {
            int count = Math.min(data.setAside(), Math.max(IMAGES_SET_ASIDE, BATCHES_SET_ASIDE * settings.batch));
            List<LatentBatch> all = new ArrayList<>();
            for (int from = 0; from < count; from += settings.batch) {
                Batches squares = data.setAside(from, settings.batch);
                all.add(encoded(slots(squares, squares.first(Math.min(settings.batch, count - from)))));
            }
            data.warnings(watcher);
            setAside = List.copyOf(all);
        }
        return setAside;
    }

    private LatentBatch encoded(List<Slot> slots) throws IOException {
        List<CachedArray> each = new ArrayList<>();
        for (Slot slot : slots) {
            Optional<CachedArray> found = slot.latents.isEmpty() && data.isFixed() ? cache.get(slot.key) : slot.latents;
            each.add(found.isPresent() ? found.get() : encode(slot));
        }
        Shape both = each.get(0).shape(); // mean and deviation, one above the other
        Shape shape = new Shape(both.get(0) / 2, both.get(1), both.get(2));
        int length = Math.toIntExact(shape.size());
        float[] means = new float[slots.size() * length];
        float[] stds = new float[slots.size() * length];
        for (int i = 0; i < each.size(); i++) {
            System.arraycopy(each.get(i).values(), 0, means, i * length, length);
            System.arraycopy(each.get(i).values(), length, stds, i * length, length);
        }
        return new LatentBatch(
                shape, means, stds, slots.stream().map(Slot::caption).toList());
    }

    private CachedArray encode(Slot slot) throws IOException {
        long begin = System.nanoTime();
        CachedArray both = encoder.encode(slot.pixels.orElseThrow());
        if (!data.isFixed()) {
            return both;
        }
        cache.put(slot.key, both);
        unwritten += System.nanoTime() - begin;
        if (unwritten > WORTH_KEEPING.toNanos()) {
            cache.flush();
            unwritten = 0;
        }
        return cache.get(slot.key).orElse(both); // as precise as it will be the next time
    }

    /** Ends the threads and frees what the encoder holds. */
    @Override
    public void close() {
        try {
            ahead.close();
        } finally {
            encoder.release();
        }
    }
}
