package io.latent4j.training;

/**
 * What a run trains, and on what.
 *
 * @param what is trained, in a word or two
 * @param parameters how many numbers change
 * @param pictures to learn from
 * @param setAside pictures to validate with
 * @param picturesAStep over all batches of a step
 */
public record RunFacts(String what, long parameters, int pictures, int setAside, int picturesAStep) {}
