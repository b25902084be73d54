/** The objective of autoencoders: reconstruction, perceptual distance and an adversary. */
package io.latent4j.training.autoencoder;
