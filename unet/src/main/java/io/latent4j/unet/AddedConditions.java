package io.latent4j.unet;

import ai.djl.ndarray.NDArray;

/**
 * The inputs of SDXL's UNet besides the text's hidden states (<a href="https://arxiv.org/abs/2307.01952">Podell et al.
 * 2023</a>, section 2.2).
 *
 * @param textEmbeds the pooled text, (N, channels)
 * @param timeIds (N, 6): original height and width, top and left of the crop, target height and width; the refiner's (N, 5)
 *     ends with an aesthetic score instead of the target
 */
public record AddedConditions(NDArray textEmbeds, NDArray timeIds) {}
