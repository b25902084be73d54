package io.latent4j.service;

import io.latent4j.pipeline.request.GenerationRequest;

/**
 * A job's images are begun.
 *
 * @param model what the model is called
 * @param request with its seed
 * @param steps of each batch
 * @param batches how many there are
 */
public record JobStart(String model, GenerationRequest request, int steps, int batches) {}
