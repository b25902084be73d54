/** The model that is trained: its parts, what they compute, and the encoded captions that they receive. */
package io.latent4j.training.model;
