/** Measures how often a model's pictures show what their captions say. */
package io.latent4j.training.data.evaluation;
