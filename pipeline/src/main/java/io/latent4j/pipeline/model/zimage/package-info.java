/** The family of Z-Image. */
package io.latent4j.pipeline.model.zimage;
