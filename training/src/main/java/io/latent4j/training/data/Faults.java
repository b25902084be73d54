package io.latent4j.training.data;

/** What to do about an image that cannot be used: it is damaged, has no caption, or is not where it should be. */
public enum Faults {
    /** Leave it out and go on; the data set lists what was left out. */
    SKIP,
    /** Stop with a message that names it. */
    STOP
}
