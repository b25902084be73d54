package io.latent4j.service.store;

import com.google.common.hash.Hashing;
import io.latent4j.core.files.Draft;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Files by the SHA-256 of their bytes, in a folder: {@code ab/abcd….png}. A file appears whole or not at all, and the same
 * bytes are there once. Any number of threads and processes may use it.
 */
public final class ImageFolder {
    private static final Pattern DIGEST = Pattern.compile("[0-9a-f]{64}");
    private static final int PREFIX = 2;

    private final Path folder;

    /** @param folder is made when it is first written to */
    public ImageFolder(Path folder) {
        this.folder = folder.toAbsolutePath().normalize();
    }

    /** Whether this is the lower-case hexadecimal form of a SHA-256. */
    public static boolean isDigest(String digest) {
        return DIGEST.matcher(digest).matches();
    }

    /**
     * Keeps bytes.
     *
     * @return their digest
     * @throws IOException if they cannot be written; nothing is left then
     */
    public String put(byte[] bytes) throws IOException {
        String digest = Hashing.sha256().hashBytes(bytes).toString();
        Path file = file(digest);
        if (!Files.exists(file)) {
            Files.createDirectories(file.getParent());
            try (Draft draft = Draft.ofFile(file)) {
                draft.fill(path -> Files.write(path, bytes));
                draft.replace();
            }
        }
        return digest;
    }

    /**
     * The file of this digest, if it is there.
     *
     * @throws IllegalArgumentException if it is no digest
     */
    public Optional<Path> find(String digest) {
        return Optional.of(file(digest)).filter(Files::isRegularFile);
    }

    private Path file(String digest) {
        if (!isDigest(digest)) {
            throw new IllegalArgumentException("expected 64 hexadecimal digits");
        }
        return folder.resolve(digest.substring(0, PREFIX)).resolve(digest + ".png");
    }
}
