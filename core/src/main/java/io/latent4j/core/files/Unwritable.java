package io.latent4j.core.files;

import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/** What is said of a file or folder that cannot be written. */
final class Unwritable {
    private Unwritable() {}

    static IOException exception(String place, IOException e) {
        return exception(place, e instanceof FileSystemException file ? file.getFile() : place, e);
    }

    /** @param file what {@code e} is of */
    private static IOException exception(String place, String file, IOException e) {
        return new IOException(
                place + ": cannot be written: " + reason(file, e)
                        + "; expected room and permission in the folder; nothing was" + " changed",
                e);
    }

    /**
     * An exception that says of {@code place} what {@code e} says of {@code draft}, or of no file at all, as the system
     * does of a full disk. One of another file is returned as it is.
     */
    static IOException named(String draft, String place, IOException e) {
        if (e instanceof ClosedChannelException) {
            return e; // the thread was interrupted
        }
        if (e instanceof FileSystemException system) {
            Optional<String> file = Stream.of(system.getFile(), system.getOtherFile()) // the latter of a copy
                    .filter(name -> name != null && name.contains(draft))
                    .findFirst()
                    .map(name -> name.replace(draft, place));
            return file.map(name -> exception(name, name, e)).orElse(e);
        }
        String message = e.getMessage();
        if (message == null || isOfAFile(message)) {
            return message == null || !message.contains(draft) ? e : new IOException(message.replace(draft, place), e);
        }
        return e.getCause() instanceof IOException cause // a format's writer hides what the system says
                ? named(draft, place, cause)
                : exception(place, e);
    }

    /** Whether a message names what it is about: {@code weights.safetensors: is damaged}. */
    private static boolean isOfAFile(String message) {
        return message.contains(": ");
    }

    private static String reason(String file, IOException e) {
        if (!(e instanceof FileSystemException system)) {
            return String.valueOf(e.getMessage());
        }
        if (e instanceof AccessDeniedException) {
            return "permission denied";
        }
        if (e instanceof NoSuchFileException) {
            return "there is no folder " + Path.of(file).getParent();
        }
        if (e instanceof FileAlreadyExistsException) {
            return file + " is a file";
        }
        return system.getReason() == null ? e.toString() : system.getReason();
    }
}
