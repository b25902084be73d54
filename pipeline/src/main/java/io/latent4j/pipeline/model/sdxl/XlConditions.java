package io.latent4j.pipeline.model.sdxl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.latent4j.core.ops.Ops;
import io.latent4j.pipeline.model.Conditioning;
import io.latent4j.pipeline.model.UNetConditions;
import io.latent4j.pipeline.request.MicroConditioning;
import io.latent4j.textencoder.PromptEncoder.Readout;
import io.latent4j.unet.AddedConditions;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The states before the encoders' last layers, the pooled text, and sizes.
 *
 * @param numbers how many numbers the UNet takes besides the text: the refiner 5, others 6
 * @param zerosForEmptyPrompt whether empty negative prompts are zeros
 */
record XlConditions(int numbers, boolean zerosForEmptyPrompt) implements UNetConditions {
    private static final String POOLED = Conditioning.POOLED;
    private static final String SIZES = "sizes";

    @Override
    public Readout readout() {
        return Readout.PENULTIMATE;
    }

    @Override
    public boolean takesMicro() {
        return true;
    }

    @Override
    public Conditioning of(NDArray context, Optional<NDArray> pooled, Step step, NDManager manager) {
        List<List<String>> sides = step.sides();
        Conditioning texts = Conditioning.of(context).with(POOLED, pooled.orElseThrow());
        boolean zeros =
                zerosForEmptyPrompt && sides.size() == 2 && sides.get(0).get(0).isEmpty();
        MicroConditioning micro = step.micro().orElseGet(() -> MicroConditioning.of(step.width(), step.height()));
        NDArray sizes = manager.create(micro.numbers(false, numbers)).reshape(1, numbers);
        if (sides.size() == 2) {
            sizes = manager.create(micro.numbers(true, numbers))
                    .reshape(1, numbers)
                    .concat(sizes, 0);
        }
        return (zeros ? texts.mapped(XlConditions::withoutFirstHalf) : texts)
                .with(SIZES, sizes.repeat(0, sides.get(0).size()));
    }

    /** {@code x} with zeros in the first half of its rows. */
    private static NDArray withoutFirstHalf(NDArray x) {
        NDList halves = x.split(2);
        return halves.get(0).zerosLike().concat(halves.get(1));
    }

    @Override
    public Conditioning encoded(NDArray context, Optional<NDArray> pooled, List<String> texts) {
        Conditioning all = Conditioning.of(context).with(POOLED, pooled.orElseThrow());
        return zerosForEmptyPrompt && texts.contains("") ? all.mapped(rows -> withoutEmpty(rows, texts)) : all;
    }

    @Override
    public List<String> arrays() {
        return List.of(POOLED);
    }

    /** {@code rows}, of which those of empty texts are zeros. */
    private static NDArray withoutEmpty(NDArray rows, List<String> texts) {
        long[] shape = new long[rows.getShape().dimension()];
        Arrays.fill(shape, 1);
        shape[0] = texts.size();
        float[] kept = new float[texts.size()];
        for (int i = 0; i < kept.length; i++) {
            kept[i] = texts.get(i).isEmpty() ? 0 : 1;
        }
        return rows.mul(Ops.array(rows.getManager(), kept, new Shape(shape)));
    }

    @Override
    public Conditioning sized(Conditioning encoded, int width, int height) {
        int count = Math.toIntExact(encoded.context().getShape().get(0));
        float[] one = MicroConditioning.of(width, height).numbers(false, numbers);
        float[] all = new float[count * one.length];
        for (int i = 0; i < count; i++) {
            System.arraycopy(one, 0, all, i * one.length, one.length);
        }
        return encoded.with(SIZES, encoded.context().getManager().create(all, new Shape(count, one.length)));
    }

    @Override
    public Optional<AddedConditions> added(Conditioning conditioning) {
        NDArray pooled = conditioning.get(POOLED).orElseThrow();
        return Optional.of(new AddedConditions(pooled, conditioning.get(SIZES).orElseThrow()));
    }
}
