/**
 * Models as they lie on disk: folders in the layout of diffusers, single files in the layout their authors published, and
 * the way from one to the other.
 */
package io.latent4j.pipeline.files;
