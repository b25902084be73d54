/** Trains autoencoders, text-to-image models and pixel-space models, from captioned images to a folder that runs. */
package io.latent4j.training;
