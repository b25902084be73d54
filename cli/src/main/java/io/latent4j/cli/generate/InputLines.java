package io.latent4j.cli.generate;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/** Lines of an input, the wait for which can be interrupted, as reading from a terminal cannot be. */
final class InputLines {
    private final BufferedReader reader;

    InputLines(Reader reader) {
        this.reader = new BufferedReader(reader);
    }

    /** The next line; nothing at the end. */
    Optional<String> next() throws InterruptedException, IOException {
        CompletableFuture<Optional<String>> line = new CompletableFuture<>();
        Thread reading = new Thread(() -> line.completeAsync(this::read, Runnable::run), "latent4j-input");
        reading.setDaemon(true);
        reading.start();
        try {
            return line.get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof UncheckedIOException io ? io.getCause() : new IOException(e.getCause());
        }
    }

    private Optional<String> read() {
        try {
            return Optional.ofNullable(reader.readLine());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
