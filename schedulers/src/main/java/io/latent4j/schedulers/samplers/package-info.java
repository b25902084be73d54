/**
 * The sampling methods, each an immutable {@link io.latent4j.schedulers.Scheduler} named after its paper or after the class
 * of the reference implementation.
 */
package io.latent4j.schedulers.samplers;
