package io.latent4j.service;

import io.latent4j.pipeline.StepEvent;
import java.time.Duration;

/**
 * A step of a job is done.
 *
 * @param step how many steps of the job are done, from 1
 * @param steps of how many, in all batches
 * @param remaining an estimate of the time until the last step, from the steps so far
 * @param event the step in its batch, with its preview; its own estimate is of the batch
 */
public record JobStep(int step, int steps, Duration remaining, StepEvent event) {}
