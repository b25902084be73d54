/** Stable Diffusion 3 and 3.5: a multimodal transformer of text and image. */
package io.latent4j.transformer.sd3;
