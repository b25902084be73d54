/** Random numbers: PyTorch's CPU generator, value for value, and the noise that samplers draw from it. */
package io.latent4j.core.random;
