/**
 * Which noise levels a run visits: training timesteps, or levels placed by their sigma.
 */
package io.latent4j.schedulers.spacing;
