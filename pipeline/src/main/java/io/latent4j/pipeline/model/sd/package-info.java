/** The family of Stable Diffusion 1 and 2. */
package io.latent4j.pipeline.model.sd;
