/** The family of Stable Diffusion XL and its refiner. */
package io.latent4j.pipeline.model.sdxl;
