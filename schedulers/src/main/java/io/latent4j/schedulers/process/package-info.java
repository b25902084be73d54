/**
 * The noise that data is given, level by level: schedules of a model's training timesteps, rectified flows, and the forward
 * process that training needs.
 */
package io.latent4j.schedulers.process;
