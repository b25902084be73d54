package io.latent4j.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;

/** Batches of pictures by number, the same whenever asked: (N, 3, H, W) in [-1, 1]. */
@FunctionalInterface
interface PictureBatches {
    NDArray batch(long number, NDManager manager);
}
