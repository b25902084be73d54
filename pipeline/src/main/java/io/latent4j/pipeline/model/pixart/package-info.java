/** The family of PixArt-Σ. */
package io.latent4j.pipeline.model.pixart;
