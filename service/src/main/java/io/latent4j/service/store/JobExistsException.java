package io.latent4j.service.store;

/** A job is not accepted, because another has its id. */
public final class JobExistsException extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    /** @param id of both */
    public JobExistsException(String id) {
        super("there is a job called " + id + " already; expected a new id");
    }
}
