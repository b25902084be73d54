package io.latent4j.training;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** A run of one kind, made ready. */
public interface Training extends AutoCloseable {

    /**
     * Trains to the last step, from the newest checkpoint if there is one, and writes what was trained.
     *
     * @return the folder or file written; empty if the run was stopped, in which case it goes on when it is opened anew
     * @throws IOException if a file cannot be read or written
     * @throws ArithmeticException if training diverged: the loss is not a number any more
     * @throws IllegalArgumentException if a step needs more memory than there is, before the first one
     * @throws IllegalStateException if the training is closed
     */
    Optional<Path> run() throws IOException;

    /**
     * Frees the weights. Where another thread runs the training, it stops after its step, with a checkpoint, and this waits
     * for that.
     *
     * @throws IllegalStateException if this thread runs the training: a watcher cannot close it, but have it stop
     */
    @Override
    void close();
}
