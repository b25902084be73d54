/**
 * Diffusion in continuous time (<a href="https://arxiv.org/abs/2011.13456">Song et al. 2021</a>), beside the schedulers,
 * which step through it: a {@link io.latent4j.schedulers.continuous.Sde} takes data to noise, its {@link
 * io.latent4j.schedulers.continuous.ReverseSde} and its {@link io.latent4j.schedulers.continuous.ProbabilityFlow} take noise
 * to data, and the flow tells the exact likelihood of data.
 *
 * <p>Time runs from 0, the data, to 1, noise. Arrays are in the SDE's own coordinates, {@code x = scale · x0 + std · eps};
 * {@link io.latent4j.schedulers.continuous.Score#of} converts for a {@link io.latent4j.schedulers.Denoiser}. Arrays are
 * float32 or float64.
 */
package io.latent4j.schedulers.continuous;
