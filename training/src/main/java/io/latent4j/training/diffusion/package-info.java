/** The objective of diffusion: noise levels, losses and what is learned beside the images. */
package io.latent4j.training.diffusion;
