package io.latent4j.core.random;

import static com.google.common.base.Preconditions.checkArgument;

import ai.djl.ndarray.NDArray;

/**
 * Noise on the way from that of one source to that of another, image by image along the arc between them (<a
 * href="https://doi.org/10.1145/325334.325242">Shoemake 1985</a>, slerp): what lies between two independent draws of N(0, 1)
 * on a straight line would have too little variance.
 *
 * @param share of the way, from 0, which is the noise of {@code from} to the bit, to 1, which is that of {@code to}
 */
record MixedNoise(NoiseSource from, NoiseSource to, double share) implements NoiseSource {
    private static final double PARALLEL = 0.9995;

    MixedNoise {
        checkArgument(share >= 0 && share <= 1, "the share is %s; expected 0 to 1", share);
    }

    @Override
    public NDArray like(NDArray latents) {
        try (NDArray a = from.like(latents);
                NDArray b = to.like(latents)) {
            return mixed(latents, a, b);
        }
    }

    @Override
    public NDArray between(NDArray latents, double start, double end) {
        try (NDArray a = from.between(latents, start, end);
                NDArray b = to.between(latents, start, end)) {
            return mixed(latents, a, b);
        }
    }

    private NDArray mixed(NDArray latents, NDArray first, NDArray second) {
        float[] a = first.toFloatArray();
        float[] b = second.toFloatArray();
        float[] mixed = new float[a.length];
        int size = Math.toIntExact(a.length / latents.getShape().get(0));
        for (int start = 0; start < a.length; start += size) {
            double cosine = dot(a, b, start, size) / Math.sqrt(dot(a, a, start, size) * dot(b, b, start, size));
            double angle = Math.acos(cosine);
            boolean parallel = !(Math.abs(cosine) < PARALLEL);
            double ofA = parallel ? 1 - share : Math.sin((1 - share) * angle) / Math.sin(angle);
            double ofB = parallel ? share : Math.sin(share * angle) / Math.sin(angle);
            for (int i = start; i < start + size; i++) {
                mixed[i] = (float) (ofA * a[i] + ofB * b[i]);
            }
        }
        return TorchRandom.like(latents, mixed);
    }

    private static double dot(float[] a, float[] b, int start, int size) {
        double sum = 0;
        for (int i = start; i < start + size; i++) {
            sum += (double) a[i] * b[i];
        }
        return sum;
    }
}
