package io.latent4j.cli.serve;

import io.latent4j.core.files.Draft;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.List;

/** A file of keys, one on a line, of which clients must give one. */
final class KeyFile {
    private static final int BYTES = 24;
    private static final long MOST_BYTES = 1 << 20;

    private KeyFile() {}

    /**
     * The keys in a file, which is made with a new one if it is not there.
     *
     * @throws IOException if it cannot be read or made, or has no key
     */
    static List<String> read(Path file) throws IOException {
        if (!Files.exists(file)) {
            make(file);
        }
        if (Files.size(file) > MOST_BYTES) {
            throw new IOException(file + ": has more than " + MOST_BYTES + " bytes; expected a key on each line");
        }
        List<String> keys = Files.readAllLines(file, StandardCharsets.UTF_8).stream()
                .map(String::strip)
                .filter(line -> !line.isEmpty() && !line.startsWith("#"))
                .toList();
        if (keys.isEmpty()) {
            throw new IOException(file + ": has no key; expected one on each line");
        }
        return keys;
    }

    private static void make(Path file) throws IOException {
        byte[] random = new byte[BYTES];
        new SecureRandom().nextBytes(random);
        try (Draft draft = Draft.ofFile(file)) {
            if (Files.getFileStore(file.toAbsolutePath().getParent()).supportsFileAttributeView("posix")) {
                Files.createFile(
                        draft.path(),
                        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            }
            Files.writeString(
                    draft.path(), Base64.getUrlEncoder().withoutPadding().encodeToString(random) + "\n");
            draft.create();
        }
    }
}
