/** Measures how often a model's images show what their captions say. */
package io.latent4j.training.data.evaluation;
