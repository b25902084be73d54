package io.latent4j.hub;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.Optional;

/** A model cannot be had from the hub or its cache. The message says which one, what is wrong and what to do. */
public final class HubException extends IOException {
    private static final long serialVersionUID = 1;

    private final Reason reason;

    /** What is wrong. */
    public enum Reason {
        /** Nothing answers at the hub's address. */
        UNREACHABLE,
        /** The hub answers that it fails or has too much to do. */
        BUSY,
        /** The hub has no such model, revision or file, or does not give it to this user. */
        REFUSED,
        /** An answer is not what a hub answers, or a file is not what its size and hash say. */
        WRONG_ANSWER,
        /** A download stops before its end. */
        CUT,
        /** A download is slower than is worth waiting for. */
        SLOW,
        /** A file of the cache cannot be read or written. */
        FILE,
        /** The hub may not be asked, and the cache lacks the model or file. */
        NOT_CACHED
    }

    HubException(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    HubException(Reason reason, String message, Exception cause) {
        super(message, cause);
        this.reason = reason;
    }

    /** An answer that is none of a hub. */
    static HubException wrongAnswer(ModelId model, String what, Exception cause) {
        return new HubException(
                Reason.WRONG_ANSWER,
                model + ": the hub answers " + what + "; expected a model's files; check HF_ENDPOINT",
                cause);
    }

    /** A file of this machine that cannot be read or written. */
    static HubException file(ModelId model, String what, IOException cause) {
        return new HubException(Reason.FILE, model + ": " + what + ": " + text(cause), cause);
    }

    /** What is wrong. */
    public Reason reason() {
        return reason;
    }

    /** The words of an exception that may have none. */
    static String text(Exception e) {
        if (e instanceof AccessDeniedException denied) {
            return denied.getFile() + ": permission denied";
        }
        if (e instanceof NoSuchFileException missing) {
            return missing.getFile() + ": there is no such file";
        }
        if (e instanceof FileSystemException file && file.getReason() == null) {
            return file.getFile() + ": " + e.getClass().getSimpleName();
        }
        return Optional.ofNullable(e.getMessage()).orElse(e.getClass().getSimpleName());
    }
}
