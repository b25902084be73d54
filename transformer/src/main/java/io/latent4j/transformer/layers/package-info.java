/** What diffusion transformers have in common: patches, positions, embeddings of the conditions. */
package io.latent4j.transformer.layers;
