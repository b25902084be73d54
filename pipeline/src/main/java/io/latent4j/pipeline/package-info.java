/**
 * Text to image: {@link io.latent4j.pipeline.model.Components} are the loaded parts of a model, {@link
 * io.latent4j.pipeline.TextToImagePipeline} puts them to work on a {@link
 * io.latent4j.pipeline.request.GenerationRequest}.
 */
package io.latent4j.pipeline;
