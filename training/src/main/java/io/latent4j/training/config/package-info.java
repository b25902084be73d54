/** Reads run files: the settings of a training, and those of the models that it begins anew. */
package io.latent4j.training.config;
