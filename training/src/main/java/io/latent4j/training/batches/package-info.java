/** Batches of images, and of latents that an autoencoder has made of them. */
package io.latent4j.training.batches;
