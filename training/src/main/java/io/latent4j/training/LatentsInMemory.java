package io.latent4j.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.latent4j.core.nn.Pass;
import io.latent4j.core.ops.Ops;
import io.latent4j.pipeline.Components;
import io.latent4j.training.data.Batch;
import io.latent4j.training.data.Batches;
import io.latent4j.vae.DiagonalGaussian;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The few pictures of a fine-tuning in the latents of a model in memory: each is encoded once, unless crops are random. */
final class LatentsInMemory implements LatentBatches {
    private static final int MOST_SET_ASIDE = 64;

    private final PictureData data;
    private final Components parts;
    private final Batches batches;
    private final int batch;
    private final int accumulate;
    private final Map<String, float[]> known = new HashMap<>(); // means, and deviations after them
    private List<LatentBatch> setAside = List.of();

    LatentsInMemory(PictureData data, Components parts, int batch, int accumulate, double captionDropout) {
        this.data = data;
        this.parts = parts;
        this.batch = batch;
        this.accumulate = accumulate;
        this.batches = data.batches(batch, captionDropout, parts.vae().config().downscale());
    }

    @Override
    public int size() {
        return batch;
    }

    @Override
    public Shape shape() {
        int side = data.side() / parts.vae().config().downscale();
        return new Shape(parts.vae().config().latentChannels(), side, side);
    }

    @Override
    public LatentBatch learned(long step, int part) throws IOException {
        return encoded(batches.load(batches.plan((step - 1) * accumulate + part)));
    }

    @Override
    public List<LatentBatch> setAside() throws IOException {
        if (setAside.isEmpty() && data.setAside() > 0) {
            List<LatentBatch> all = new ArrayList<>();
            int count = Math.min(data.setAside(), MOST_SET_ASIDE);
            for (int from = 0; from < count; from += batch) {
                Batches squares = data.squares(data.learned() + from, batch);
                all.add(encoded(squares.load(squares.first(Math.min(batch, count - from)))));
            }
            setAside = List.copyOf(all);
        }
        return setAside;
    }

    private LatentBatch encoded(Batch pictures) {
        Shape shape = new Shape(
                parts.vae().config().latentChannels(),
                pictures.height() / parts.vae().config().downscale(),
                pictures.width() / parts.vae().config().downscale());
        int length = Math.toIntExact(shape.size());
        float[] means = new float[pictures.size() * length];
        float[] stds = new float[pictures.size() * length];
        int pixels = 3 * pictures.height() * pictures.width();
        for (int i = 0; i < pictures.size(); i++) {
            float[] picture = Arrays.copyOfRange(pictures.pixels(), i * pixels, (i + 1) * pixels);
            Shape one = new Shape(1, 3, pictures.height(), pictures.width());
            String key = pictures.contentKeys().get(i);
            float[] both =
                    data.isFixed() ? known.computeIfAbsent(key, k -> encode(picture, one)) : encode(picture, one);
            System.arraycopy(both, 0, means, i * length, length);
            System.arraycopy(both, length, stds, i * length, length);
        }
        return new LatentBatch(shape, means, stds, pictures.captions());
    }

    @SuppressWarnings("try")
    private float[] encode(float[] pixels, Shape shape) {
        try (NDScope scope = new NDScope();
                NDManager manager = parts.manager().newSubManager()) {
            NDArray picture = Ops.cast(manager.create(pixels, shape), parts.vaeDataType());
            DiagonalGaussian encoded = parts.vae().encode(Pass.inference(), picture);
            return Ops.cast(encoded.mean().concat(encoded.std(), 1), DataType.FLOAT32)
                    .toFloatArray();
        }
    }
}
