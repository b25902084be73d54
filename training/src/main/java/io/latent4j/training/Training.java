package io.latent4j.training;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** A run of one kind, made ready. */
public interface Training extends AutoCloseable {

    /**
     * Trains to the last step, from the newest checkpoint if there is one, and writes what was trained.
     *
     * @return the folder written; empty if the run was stopped, in which case it goes on when it is opened anew
     * @throws IOException if a file cannot be read or written
     * @throws ArithmeticException if the loss is not a number any more
     */
    Optional<Path> run() throws IOException;

    /** Frees the weights. */
    @Override
    void close();
}
