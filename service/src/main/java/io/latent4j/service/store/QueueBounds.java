package io.latent4j.service.store;

/**
 * How many jobs may wait.
 *
 * @param waiting in all, 1 or more
 * @param ofOneClient of one client, 1 or more
 */
public record QueueBounds(int waiting, int ofOneClient) {

    public QueueBounds {
        if (waiting < 1 || ofOneClient < 1) {
            throw new IllegalArgumentException("the queue's bounds are " + waiting + " jobs, and " + ofOneClient
                    + " of one client; expected 1 or more");
        }
    }

    /**
     * Does nothing if a job may be added.
     *
     * @param all how many wait
     * @param ofClient how many of its client
     * @throws QueueFullException if it may not
     */
    public void check(int all, int ofClient) {
        if (all >= waiting) {
            throw new QueueFullException(
                    all + " jobs wait already; expected fewer than " + waiting + "; try again later", all);
        }
        if (ofClient >= ofOneClient) {
            throw new QueueFullException(
                    ofClient + " jobs of this client wait already; expected fewer than " + ofOneClient
                            + "; try again later",
                    ofClient);
        }
    }
}
