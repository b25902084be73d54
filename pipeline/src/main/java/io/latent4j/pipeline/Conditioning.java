package io.latent4j.pipeline;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.latent4j.core.ops.Ops;
import io.latent4j.textencoder.TextStates;
import io.latent4j.unet.UNet2DConditionConfig.TextTime;
import io.latent4j.unet.UNet2DConditionModel.AddedConditions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * What a UNet is told of the texts, for each image, after the same of the negative prompt if guidance needs it.
 *
 * @param context hidden states, (N, tokens, channels)
 * @param added what SDXL's UNet takes besides
 */
record Conditioning(NDArray context, Optional<AddedConditions> added) {

    /** Reads the texts of a run of {@code images} images. */
    static Conditioning of(Run run, int images, NDManager manager) {
        boolean guided = run.guidance().active();
        List<String> texts = guided ? List.of(run.negativePrompt(), run.prompt()) : List.of(run.prompt());
        Optional<TextTime> textTime = run.parts().unet().config().textTime();
        NDList contexts = new NDList();
        List<NDArray> pooled = new ArrayList<>();
        for (TextReader reader : run.parts().readers()) {
            NDArray ids = reader.encode(manager, texts);
            try (TextStates states = reader.states(run.pass(reader.part(), manager), ids)) {
                contexts.add((textTime.isPresent() ? states.penultimate() : states.last()).duplicate());
                states.projected().ifPresent(p -> pooled.add(p.duplicate()));
            }
        }
        NDArray context = NDArrays.concat(contexts, 2);
        if (textTime.isEmpty()) {
            return new Conditioning(context.repeat(0, images), Optional.empty());
        }
        NDArray summary = pooled.get(pooled.size() - 1);
        if (guided && run.negativePrompt().isEmpty() && run.parts().zerosForEmptyPrompt()) {
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
