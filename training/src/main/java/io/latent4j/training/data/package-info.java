/** Captioned pictures: where they come from, how they become batches, and scenes drawn to learn from. */
package io.latent4j.training.data;
