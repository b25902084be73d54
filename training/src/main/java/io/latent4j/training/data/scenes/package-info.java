/** Scenes of coloured shapes: their captions, how they are drawn, and how an image of one is checked. */
package io.latent4j.training.data.scenes;
