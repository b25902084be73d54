/** What moves parameters: gradients of an objective, optimizers, learning rates, averages and precisions. */
package io.latent4j.training.optimizer;
