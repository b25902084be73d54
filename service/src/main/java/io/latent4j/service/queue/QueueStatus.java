package io.latent4j.service.queue;

/**
 * How full a queue is.
 *
 * @param waiting jobs that wait
 * @param running jobs that run
 * @param most how many may wait
 */
public record QueueStatus(int waiting, int running, int most) {}
