package io.latent4j.pipeline.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.latent4j.pipeline.request.MicroConditioning;
import io.latent4j.pipeline.run.Run;
import io.latent4j.pipeline.run.StepNetwork;
import io.latent4j.unet.AddedConditions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * What a UNet is told of the texts, for each image, after the same of the negative prompt if guidance needs it.
 *
 * @param context hidden states, (N, tokens, channels)
 * @param added what SDXL's UNet takes besides
 */
public record Conditioning(NDArray context, Optional<AddedConditions> added) {

    /**
     * Reads the texts of a run. They become equally long: what is shorter is followed by empty texts.
     *
     * @param sides the negative side's texts, if it plays a part, and the prompts: of each side one for each image
     * @param encoder tells what the text encoders make of a text
     */
    public static Conditioning of(
            Run run, List<List<String>> sides, Function<String, EncodedText> encoder, NDManager manager) {
        int images = sides.get(0).size();
        List<String> texts = sides.stream().flatMap(List::stream).toList();
        Map<String, EncodedText> encoded = new HashMap<>();
        texts.forEach(text -> encoded.computeIfAbsent(text, encoder));
        long tokens =
                encoded.values().stream().mapToLong(EncodedText::tokens).max().orElseThrow();
        encoded.replaceAll((text, own) -> own.tokens() == tokens ? own : own.followed(encoder.apply(""), tokens));
        NDList contexts = new NDList();
        NDList summaries = new NDList();
        for (String text : texts) {
            contexts.add(encoded.get(text).context());
            encoded.get(text).summary().ifPresent(summaries::add);
        }
        NDArray context = NDArrays.concat(contexts);
        if (run.parts().unet().config().textTime().isEmpty()) {
            return new Conditioning(context, Optional.empty());
        }
        NDArray summary = NDArrays.concat(summaries);
        if (sides.size() == 2 && sides.get(0).get(0).isEmpty() && run.parts().zerosForEmptyPrompt()) {
            context = withoutFirstHalf(context);
            summary = withoutFirstHalf(summary);
        }
        NDArray numbers = numbers(run, sides.size(), run.parts().sizeNumbers(), manager);
        return new Conditioning(context, Optional.of(new AddedConditions(summary, numbers.repeat(0, images))));
    }

    /** The prompt's side alone, of both. */
    public Conditioning positive() {
        return new Conditioning(
                context.split(2).get(1),
                added.map(a -> new AddedConditions(
                        a.textEmbeds().split(2).get(1), a.timeIds().split(2).get(1))));
    }

    /** This, and for the last {@code images} samples the same once more. */
    public Conditioning withLastTwice(long images) {
        return new Conditioning(
                StepNetwork.withLastTwice(context, images),
                added.map(a -> new AddedConditions(
                        StepNetwork.withLastTwice(a.textEmbeds(), images), StepNetwork.withLastTwice(a.timeIds(), images))));
    }

    /** {@code x} with zeros in the first half of its rows. */
    private static NDArray withoutFirstHalf(NDArray x) {
        NDList halves = x.split(2);
        return halves.get(0).zerosLike().concat(halves.get(1));
    }

    /** (sides, count), the negative side first. */
    private static NDArray numbers(Run run, int sides, int count, NDManager manager) {
        MicroConditioning micro =
                run.request().micro().orElseGet(() -> MicroConditioning.of(run.width(), run.height()));
        NDArray positive = manager.create(micro.numbers(false, count)).reshape(1, count);
        return sides == 1
                ? positive
                : manager.create(micro.numbers(true, count)).reshape(1, count).concat(positive, 0);
    }
}
