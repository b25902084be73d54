package io.latent4j.jobstore;

import com.google.common.base.Throwables;
import java.sql.SQLException;
import java.util.Optional;

/** Says in one line what a database refused. */
final class Errors {
    private Errors() {}

    static JobStoreException of(DatabaseUrl url, Throwable error) {
        Optional<SQLException> cause = Throwables.getCausalChain(error).stream()
                .filter(SQLException.class::isInstance)
                .map(SQLException.class::cast)
                .reduce((outer, inner) -> inner);
        String why = fullDisk(error)
                .or(() -> cause.flatMap(url::explain))
                .orElseGet(() -> line(cause.map(Throwable.class::cast).orElse(error)));
        return new JobStoreException("the database " + url + ": " + why, error);
    }

    /** Java has no type of its own for this. */
    private static Optional<String> fullDisk(Throwable error) {
        return Throwables.getCausalChain(error).stream()
                .map(Throwable::getMessage)
                .filter(message -> message != null
                        && (message.contains("No space left on device")
                                || message.contains("not enough space on the disk")))
                .findFirst()
                .map(message -> "the disk is full; make room, and it goes on");
    }

    /** The first line of a message, without the statement that H2 repeats in it. */
    static String line(Throwable error) {
        String message = String.valueOf(error.getMessage());
        return message.lines().findFirst().orElse(message).replaceFirst("; SQL statement:.*", "");
    }
}
