package io.latent4j.pipeline.request;

/**
 * A way from a request's noise towards that of another seed, so that the images are like and not the same. Image i of a
 * request goes towards seed {@code seed + i}, and all start from the request's own seed.
 *
 * @param seed where it leads
 * @param strength how far: 0 is the request's own image, 1 that of {@code seed}. All noise of a run is mixed, along the
 *     arc between the two
 */
public record Variation(long seed, double strength) {

    public Variation {
        Checks.check(strength >= 0 && strength <= 1, "variation strength", strength, "0 to 1");
    }
}
