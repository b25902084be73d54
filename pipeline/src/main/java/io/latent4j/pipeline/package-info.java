/**
 * Text to image: {@link io.latent4j.pipeline.Components} are the loaded parts of a model, {@link
 * io.latent4j.pipeline.StableDiffusionPipeline} puts them to work on a {@link io.latent4j.pipeline.GenerationRequest}.
 */
package io.latent4j.pipeline;
