package io.latent4j.training.run;

/**
 * What a run trains, and on what.
 *
 * @param what is trained, in a word or two
 * @param parameters how many numbers change
 * @param images to learn from
 * @param setAside images to validate with
 * @param imagesAStep over all batches of a step
 */
public record RunFacts(String what, long parameters, int images, int setAside, int imagesAStep) {}
