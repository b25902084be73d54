/**
 * Noise schedules and sampling methods of diffusion models.
 *
 * <p>Latents are in the model's own coordinates, {@code x = alpha · x0 + sigma · eps} with
 * {@code alpha² + sigma² = 1} (in a rectified flow {@code alpha + sigma = 1}), at every
 * {@link io.latent4j.schedulers.NoiseLevel}. A
 * {@link io.latent4j.schedulers.Scheduler} plans which levels a run visits and goes from one to the next; the network
 * is behind a {@link io.latent4j.schedulers.Denoiser}, which knows about guidance and prediction type. A run is a loop
 * over values:
 *
 * <pre>{@code
 * SchedulerConfig config = SchedulerConfig.from(json, "scheduler/scheduler_config.json");
 * Scheduler scheduler = Schedulers.named("euler a", config);
 * Plan plan = scheduler.plan(20);
 * SamplerState state = SamplerState.start(plan.initialLatents(noise.like(latents)));
 * while (state.index() < plan.steps()) {
 *     state = scheduler.step(plan, state, denoiser, noise);
 * }
 * }</pre>
 *
 * <p>Nothing here has mutable state: schedules, schedulers and plans are shared freely between threads. Schedules are
 * rounded to float32 where the reference implementation rounds them, so timesteps and noise levels agree with it.
 */
package io.latent4j.schedulers;
