package io.latent4j.training.data;

/** Which part of an image is kept where its shape is not that of its size in the batch. */
public enum Crop {
    CENTRE,
    RANDOM
}
