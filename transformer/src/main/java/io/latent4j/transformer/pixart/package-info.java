/** PixArt-Σ: a transformer whose blocks attend to the text beside themselves. */
package io.latent4j.transformer.pixart;
