/** The family of FLUX.1. */
package io.latent4j.pipeline.model.flux;
