/** What families of transformers in an autoencoder's latents have in common: each has a package of its own beside this. */
package io.latent4j.pipeline.model.transformer;
