/** The autoencoder of latent diffusion: pictures to latents and back. */
package io.latent4j.vae;
