package io.latent4j.pipeline;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.latent4j.core.ops.Ops;
import io.latent4j.unet.UNet2DConditionModel.AddedConditions;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * What a UNet is told of the texts, for each image, after the same of the negative prompt if guidance needs it.
 *
 * @param context hidden states, (N, tokens, channels)
 * @param added what SDXL's UNet takes besides
 */
record Conditioning(NDArray context, Optional<AddedConditions> added) {

    /**
     * Reads the texts of a run of {@code images} images. They become equally long: what is shorter is followed by empty
     * texts.
     *
     * @param texts the negative side's, if it plays a part, and the prompt
     * @param encoder tells what the text encoders make of a text
     */
    static Conditioning of(
            Run run, List<String> texts, int images, Function<String, EncodedText> encoder, NDManager manager) {
        List<EncodedText> encoded = texts.stream().map(encoder).toList();
        long tokens = encoded.stream().mapToLong(EncodedText::tokens).max().orElseThrow();
        NDList contexts = new NDList();
        NDList summaries = new NDList();
        for (EncodedText text : encoded) {
            EncodedText whole = text.tokens() == tokens ? text : text.followed(encoder.apply(""), tokens);
            contexts.add(whole.context());
            whole.summary().ifPresent(summaries::add);
        }
        NDArray context = NDArrays.concat(contexts);
        if (run.parts().unet().config().textTime().isEmpty()) {
            return new Conditioning(context.repeat(0, images), Optional.empty());
        }
        NDArray summary = NDArrays.concat(summaries);
        if (texts.size() == 2 && texts.get(0).isEmpty() && run.parts().zerosForEmptyPrompt()) {
            context = withoutFirst(context);
            summary = withoutFirst(summary);
        }
        NDArray numbers = numbers(run, texts.size(), run.parts().sizeNumbers(), manager);
        return new Conditioning(
                context.repeat(0, images),
                Optional.of(new AddedConditions(summary.repeat(0, images), numbers.repeat(0, images))));
    }

    /** The prompt's side alone, of both. */
    Conditioning positive() {
        return new Conditioning(
                context.split(2).get(1),
                added.map(a -> new AddedConditions(
                        a.textEmbeds().split(2).get(1), a.timeIds().split(2).get(1))));
    }

    /** This, and for the last {@code images} samples the same once more. */
    Conditioning withLastTwice(long images) {
        return new Conditioning(
                Network.withLastTwice(context, images),
                added.map(a -> new AddedConditions(
                        Network.withLastTwice(a.textEmbeds(), images), Network.withLastTwice(a.timeIds(), images))));
    }

    /** {@code x} with zeros in its first row. */
    private static NDArray withoutFirst(NDArray x) {
        NDArray keep = x.getManager().create(new float[] {0, 1}, onesAfter(2, x.getShape()));
        return x.mul(Ops.castLike(keep, x));
    }

    private static Shape onesAfter(long first, Shape like) {
        long[] sides = new long[like.dimension()];
        Arrays.fill(sides, 1);
        sides[0] = first;
        return new Shape(sides);
    }

    /** (texts, count), the negative side first. */
    private static NDArray numbers(Run run, int texts, int count, NDManager manager) {
        MicroConditioning micro =
                run.request().micro().orElseGet(() -> MicroConditioning.of(run.width(), run.height()));
        NDArray positive = manager.create(micro.numbers(false, count)).reshape(1, count);
        return texts == 1
                ? positive
                : manager.create(micro.numbers(true, count)).reshape(1, count).concat(positive, 0);
    }
}
