/** A run: its loop, its folder, its checkpoints, its figures and the memory that it needs. */
package io.latent4j.training.run;
