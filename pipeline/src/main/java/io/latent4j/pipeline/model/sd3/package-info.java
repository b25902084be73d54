/** The family of Stable Diffusion 3. */
package io.latent4j.pipeline.model.sd3;
