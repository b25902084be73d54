/** Draws what a model makes while it is trained. */
package io.latent4j.training.samples;
