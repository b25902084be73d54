/** Trains autoencoders, text-to-image models and pixel-space models, from captioned pictures to a folder that runs. */
package io.latent4j.training;
