package io.latent4j.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.latent4j.core.nn.Pass;
import io.latent4j.training.data.ArrayCache;
import io.latent4j.training.data.Batch;
import io.latent4j.training.data.BatchPlan;
import io.latent4j.training.data.Batches;
import io.latent4j.training.data.CachedArray;
import io.latent4j.vae.AutoencoderKL;
import io.latent4j.vae.AutoencoderKLConfig;
import io.latent4j.vae.DiagonalGaussian;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The pictures of a run as an autoencoder's latents. Each is encoded when it is first used and its latents are kept on disk,
 * where it looks the same every time; with random crops it is encoded every time. Pictures are loaded ahead on other threads;
 * the autoencoder is in memory only while there is something to encode.
 */
final class EncodedPictures implements LatentBatches, AutoCloseable {
    private static final int BATCHES_SET_ASIDE = 8;
    private static final Duration WORTH_KEEPING = Duration.ofMinutes(1);

    private final PictureData data;
    private final Settings settings;
    private final Batches batches;
    private final ArrayCache cache;
    private final String name;
    private final NDManager manager;
    private final TrainingLoop.Watcher watcher;
    private final Ahead<List<Slot>> ahead;
    private List<LatentBatch> setAside = List.of();
    private Optional<Loaded> autoencoder = Optional.empty();
    private long idle; // batches since something was encoded
    private long unwritten; // nanoseconds that went into what the cache has not written

    /**
     * What is encoded and how.
     *
     * @param parts batches that make up a step
     * @param autoencoder its folder
     * @param config what its folder says of it
     */
    record Settings(Path autoencoder, int batch, int parts, double captionDropout, AutoencoderKLConfig config) {
        Settings {
            if (!(captionDropout >= 0 && captionDropout <= 1)) {
                throw new IllegalArgumentException("caption_dropout is " + captionDropout + "; expected 0 to 1");
            }
        }
    }

    /**
     * A picture of a batch: its latents or, where they are not known yet, its pixels.
     *
     * @param key of its latents
     */
    private record Slot(String caption, String key, Optional<CachedArray> latents, Optional<Batch> pixels) {}

    /** An autoencoder and what owns its weights. */
    private record Loaded(NDManager manager, AutoencoderKL model) {}

    /** Encodes nothing yet. The caller closes {@code cache}; the autoencoder goes to the device of {@code manager}. */
    EncodedPictures(
            PictureData data, Settings settings, ArrayCache cache, NDManager manager, TrainingLoop.Watcher watcher)
            throws IOException {
        this.data = data;
        this.settings = settings;
        this.batches = data.batches(settings.batch, settings.captionDropout, settings.config.downscale());
        this.cache = cache;
        this.name = ContentName.of(settings.autoencoder);
        this.manager = manager;
        this.watcher = watcher;
        this.ahead = new Ahead<>(number -> slots(batches, batches.plan(number)), data.threads());
        data.warnings(watcher);
        watcher.note(
                data.isFixed()
                        ? "each picture is encoded when it is first used, so the first " + batches.perEpoch()
                                + " batches take longer; latents are kept in " + cache
                        : "pictures are encoded anew every time, as crops are random");
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
        return ArrayCache.key(name, content);
    }

    @Override
    public int size() {
        return settings.batch;
    }

    @Override
    public Shape shape() {
        int side = data.side() / settings.config.downscale();
        return new Shape(settings.config.latentChannels(), side, side);
    }

    @Override
    public LatentBatch learned(long step, int part) throws IOException {
        List<Slot> slots = ahead.get((step - 1) * settings.parts + part);
        data.warnings(watcher);
        LatentBatch batch = encoded(slots);
        idle = slots.stream().allMatch(slot -> slot.latents.isPresent()) ? idle + 1 : 0;
        if (idle > batches.perEpoch()) {
            letGo();
        }
        return batch;
    }

    @Override
    public List<LatentBatch> setAside() throws IOException {
        if (setAside.isEmpty() && data.setAside() > 0) {
            int count = Math.min(data.setAside(), BATCHES_SET_ASIDE * settings.batch);
            List<LatentBatch> all = new ArrayList<>();
            for (int from = 0; from < count; from += settings.batch) {
                Batches squares = data.squares(data.learned() + from, settings.batch);
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

    /** One at a time, so that a picture's latents do not depend on its company by a rounding, nor on where a run began. */
    @SuppressWarnings("try")
    private CachedArray encode(Slot slot) throws IOException {
        long begin = System.nanoTime();
        AutoencoderKL model = autoencoder();
        CachedArray both;
        try (NDScope scope = new NDScope()) {
            NDArray pixels = PictureBatches.array(slot.pixels.orElseThrow(), manager);
            DiagonalGaussian encoded = model.encode(Pass.inference(), pixels);
            NDArray rows = encoded.mean().concat(encoded.std(), 1);
            both = new CachedArray(rows.getShape().slice(1), rows.toFloatArray());
        }
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

    private AutoencoderKL autoencoder() throws IOException {
        if (autoencoder.isEmpty()) {
            NDManager passing = manager.newSubManager();
            AutoencoderKL model = AutoencoderKL.load(settings.autoencoder, passing, DataType.FLOAT32);
            autoencoder = Optional.of(new Loaded(passing, model));
        }
        return autoencoder.get().model;
    }

    private void letGo() {
        autoencoder.ifPresent(loaded -> loaded.manager.close());
        autoencoder = Optional.empty();
    }

    /** Ends the threads and frees the autoencoder. */
    @Override
    public void close() {
        ahead.close();
        letGo();
    }
}
