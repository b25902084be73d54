/** JMH timings of the operators that the networks are made of, at the sizes of Stable Diffusion 1.5. */
package io.latent4j.benchmarks;
