package io.latent4j.unet;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.Optional;
import java.util.function.Function;

/**
 * The inputs of SDXL's UNet besides the text's hidden states (<a href="https://arxiv.org/abs/2307.01952">Podell et al.
 * 2023</a>, section 2.2).
 *
 * @param textEmbeds the pooled text, (N, channels)
 * @param timeIds (N, 6): original height and width, top and left of the crop, target height and width; the refiner's (N, 5)
 *     ends with an aesthetic score instead of the target
 */
public record AddedConditions(NDArray textEmbeds, NDArray timeIds) {
    private static final long NUMBERS = 6;

    /** Conditions of the shapes that a UNet takes, of what {@code array} makes; empty for a UNet that takes none. */
    public static Optional<AddedConditions> of(
            UNet2DConditionConfig unet, long samples, Function<Shape, NDArray> array) {
        return unet.textTime()
                .map(shape -> new AddedConditions(
                        array.apply(new Shape(samples, shape.inputDim() - NUMBERS * shape.timeEmbedDim())),
                        array.apply(new Shape(samples, NUMBERS))));
    }
}
