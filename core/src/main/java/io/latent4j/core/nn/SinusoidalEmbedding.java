package io.latent4j.core.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.latent4j.core.ops.Ops;

/**
 * Numbers as waves of geometrically falling frequency, as DDPM takes them over from
 * <a href="https://arxiv.org/abs/1706.03762">Vaswani et al. 2017</a>, section 3.5:
 * {@code sin(scale · t · maxPeriod^(−i / (dim/2 − frequencyShift)))} for i = 0 … dim/2 − 1, and the cosines of the same.
 *
 * @param dim length of an embedding; an odd one ends with a zero
 * @param cosFirst whether the cosines come before the sines ({@code flip_sin_to_cos})
 * @param frequencyShift {@code downscale_freq_shift}: 0 in Stable Diffusion, 1 in DDPM
 * @param scale what a number is multiplied by first
 * @param maxPeriod the longest wave is 2π times this
 */
public record SinusoidalEmbedding(int dim, boolean cosFirst, double frequencyShift, double scale, double maxPeriod) {

    public SinusoidalEmbedding {
        if (dim < 2) {
            throw new IllegalArgumentException("a sinusoidal embedding of length " + dim + "; expected 2 or more");
        }
    }

    /** With scale 1 and period 10,000. */
    public SinusoidalEmbedding(int dim, boolean cosFirst, double frequencyShift) {
        this(dim, cosFirst, frequencyShift, 1, 10_000);
    }

    /**
     * Embeds each number, whole or not: (N) → (N, dim), in float32 like the reference, whatever the type of the numbers.
     */
    public NDArray of(NDArray numbers) {
        int half = dim / 2;
        NDArray exponents = numbers.getManager()
                .arange(0f, half, 1f, DataType.FLOAT32, numbers.getDevice())
                .mul(-Math.log(maxPeriod))
                .div(half - frequencyShift);
        NDArray phases = Ops.cast(numbers, DataType.FLOAT32)
                .reshape(-1, 1)
                .mul(exponents.exp().reshape(1, half))
                .mul(scale);
        NDList waves = cosFirst ? new NDList(phases.cos(), phases.sin()) : new NDList(phases.sin(), phases.cos());
        if (dim % 2 == 1) {
            waves.add(numbers.getManager().zeros(new Shape(numbers.size(), 1), DataType.FLOAT32, numbers.getDevice()));
        }
        return NDArrays.concat(waves, 1);
    }
}
