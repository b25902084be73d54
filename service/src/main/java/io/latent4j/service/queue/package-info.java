/** A queue of jobs, the workers that run them, and their events. */
package io.latent4j.service.queue;
