/** The figures of a run: the file that holds them, and plots of them. */
package io.latent4j.training.metrics;
