/** The noise levels of a run, first to last, for each kind of noise process. */
package io.latent4j.schedulers.levels;
