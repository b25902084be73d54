/** FLUX.2: the blocks of FLUX.1 without biases, which share what they are told of the time. */
package io.latent4j.transformer.flux2;
