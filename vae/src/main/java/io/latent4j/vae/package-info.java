/** The autoencoder of latent diffusion: images to latents and back. */
package io.latent4j.vae;
