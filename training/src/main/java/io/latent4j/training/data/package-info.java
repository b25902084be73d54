/** Captioned images: where they come from, how they become batches, and what is kept of them on disk. */
package io.latent4j.training.data;
