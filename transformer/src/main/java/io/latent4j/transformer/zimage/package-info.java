/** Z-Image: a transformer of one sequence, in which image and caption are first refined alone. */
package io.latent4j.transformer.zimage;
