/** FLUX.1: joint blocks of text and image, and then blocks in which both are one sequence. */
package io.latent4j.transformer.flux;
