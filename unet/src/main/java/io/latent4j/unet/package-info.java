/** The networks that predict what is noise: the text-conditioned UNet of Stable Diffusion and the one for pixels. */
package io.latent4j.unet;
