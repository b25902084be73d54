/** The family of FLUX.2 klein. */
package io.latent4j.pipeline.model.flux2;
