package io.latent4j.service.store;

import com.google.common.hash.Hashing;
import io.latent4j.core.files.Draft;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

/**
 * Files by the SHA-256 of their bytes, in a folder: {@code ab/abcd….png}. A file appears whole or not at all, and the same
 * bytes are there once. Any number of threads and processes may use it.
 */
public final class ImageFolder {
    /** How many parts of the folder {@link #clear} knows, so that it need not clear it all at once. */
    public static final int PARTS = 256;

    private static final String UNUSED = ".unused-";
    private static final Pattern DIGEST = Pattern.compile("[0-9a-f]{64}");
    private static final int DIGITS = 64;
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
        String digest = digest(bytes);
        Path file = file(digest);
        if (!isPutAgain(file)) {
            Files.createDirectories(file.getParent());
            try (Draft draft = Draft.ofFile(file)) {
                draft.fill(path -> Files.write(path, bytes));
                draft.replace();
            }
        }
        return digest;
    }

    /**
     * How many bytes all files take.
     *
     * @throws IOException if the folder cannot be read
     */
    public long bytes() throws IOException {
        long bytes = 0;
        for (int part = 0; part < PARTS; part++) {
            Path place = part(part);
            if (Files.isDirectory(place)) {
                bytes += bytes(place);
            }
        }
        return bytes;
    }

    private static long bytes(Path place) throws IOException {
        long bytes = 0;
        try (DirectoryStream<Path> files = Files.newDirectoryStream(place)) {
            for (Path file : files) {
                bytes += size(file);
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        return bytes;
    }

    private static long size(Path file) throws IOException {
        try {
            return Files.size(file);
        } catch (NoSuchFileException e) {
            return 0; // it is deleted meanwhile
        }
    }

    private Path part(int part) {
        return folder.resolve("%02x".formatted(part));
    }

    /** The digest that {@link #put} would answer. */
    public static String digest(byte[] bytes) {
        return Hashing.sha256().hashBytes(bytes).toString();
    }

    /** Marks a file as new for {@link #clear}, if it is there. */
    private static boolean isPutAgain(Path file) {
        try {
            Files.setLastModifiedTime(file, FileTime.from(Instant.now()));
            return Files.exists(file); // and was not taken away between opening and marking it
        } catch (IOException e) {
            return false; // it is not there, or is another user's and cannot be marked, but replaced
        }
    }

    /**
     * Deletes files of one part of the folder that are not used. A file that is put again meanwhile stays.
     *
     * @param part 0 to {@link #PARTS} - 1
     * @param before files that were put last at this time or later stay, as they may be about to be used
     * @param used returns those of its argument that are used
     * @return how many were deleted
     * @throws IOException if the folder cannot be read, or a file cannot be deleted
     */
    public int clear(int part, Instant before, UnaryOperator<Set<String>> used) throws IOException {
        Path place = part(part);
        if (!Files.isDirectory(place)) {
            return 0;
        }
        Set<String> old = new HashSet<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(place)) {
            for (Path file : files) {
                String name = file.getFileName().toString();
                String digest = name.substring(0, Math.min(name.length(), DIGITS));
                if (!isDigest(digest) || !isOld(file, before)) {
                    continue;
                }
                if (file.equals(file(digest))) {
                    old.add(digest);
                } else if (name.contains(UNUSED)) { // a process ended while it deleted this
                    Files.deleteIfExists(file);
                }
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        if (!old.isEmpty()) {
            old.removeAll(used.apply(Set.copyOf(old)));
        }
        int deleted = 0;
        for (String digest : old) {
            deleted += delete(file(digest), before) ? 1 : 0;
        }
        return deleted;
    }

    private static boolean isOld(Path file, Instant before) throws IOException {
        try {
            return Files.getLastModifiedTime(file).toInstant().isBefore(before);
        } catch (NoSuchFileException e) {
            return false; // another process clears up too
        }
    }

    /** Takes the file away, and brings it back if it was put again before. */
    private static boolean delete(Path file, Instant before) throws IOException {
        Path taken = file.resolveSibling(file.getFileName() + UNUSED + UUID.randomUUID());
        try {
            Files.move(file, taken, StandardCopyOption.ATOMIC_MOVE);
        } catch (NoSuchFileException e) {
            return false; // another process clears up too
        }
        if (isOld(taken, before)) {
            return Files.deleteIfExists(taken);
        }
        Files.move(taken, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        return false;
    }

    /**
     * The file of this digest, if it is there.
     *
     * @throws IllegalArgumentException if it is no digest
     */
    public Optional<Path> find(String digest) {
        return Optional.of(file(digest)).filter(Files::isRegularFile);
    }

    /**
     * The file of this digest, if it is there; it is marked as new for {@link #clear}, as one that is put again is.
     *
     * @throws IllegalArgumentException if it is no digest
     */
    public Optional<Path> use(String digest) {
        Path file = file(digest);
        return isPutAgain(file) ? Optional.of(file) : find(digest);
    }

    private Path file(String digest) {
        if (!isDigest(digest)) {
            throw new IllegalArgumentException("expected 64 hexadecimal digits");
        }
        return folder.resolve(digest.substring(0, PREFIX)).resolve(digest + ".png");
    }
}
