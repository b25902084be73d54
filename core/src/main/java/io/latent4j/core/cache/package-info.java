/** Reuse of what earlier evaluations of a denoiser computed: DeepCache, T-GATE and the first-block cache. */
package io.latent4j.core.cache;
