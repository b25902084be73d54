package io.latent4j.pipeline.files;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A folder that is filled beside its place and moved there at the end, or one file of it is, so that what is written appears
 * whole or not at all. A lock beside it shows that its process lives: {@link #of} deletes the drafts of the same place whose processes were killed.
 */
public final class FolderDraft implements AutoCloseable {
    private static final String DRAFT = ".draft";
    private static final String LOCK = ".lock";

    private final Path place;
    private final Path folder;
    private final Path lockFile;
    private final FileChannel lock;

    private FolderDraft(Path place, Path folder, Path lockFile, FileChannel lock) {
        this.place = place;
        this.folder = folder;
        this.lockFile = lockFile;
        this.lock = lock;
    }

    /**
     * Makes an empty folder beside {@code place}, whose parents are made if they are not there.
     *
     * @throws IOException if it cannot be made
     */
    public static FolderDraft of(Path place) throws IOException {
        Path absolute = place.toAbsolutePath().normalize();
        if (absolute.getFileName() == null) {
            throw new IOException(place + ": is no name of a new folder");
        }
        Files.createDirectories(absolute.getParent());
        String name = "." + absolute.getFileName() + "." + UUID.randomUUID();
        Path lockFile = absolute.resolveSibling(name + LOCK);
        FileChannel channel = FileChannel.open(lockFile, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        FolderDraft draft = new FolderDraft(absolute, absolute.resolveSibling(name + DRAFT), lockFile, channel);
        try {
            channel.lock();
            draft.deleteDead();
            Files.createDirectory(draft.folder);
            return draft;
        } catch (IOException | RuntimeException | Error e) {
            draft.close();
            throw e;
        }
    }

    private void deleteDead() throws IOException {
        Pattern locks = Pattern.compile(
                Pattern.quote("." + place.getFileName() + ".") + "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}" + LOCK);
        List<Path> others;
        try (Stream<Path> entries = Files.list(place.getParent())) {
            others = entries.filter(entry ->
                            locks.matcher(entry.getFileName().toString()).matches() && !entry.equals(lockFile))
                    .toList();
        }
        for (Path other : others) {
            deleteIfDead(other);
        }
    }

    /** What cannot be looked at or deleted belongs to somebody else, and stays. */
    private void deleteIfDead(Path other) {
        try {
            if (!Files.getOwner(other).equals(Files.getOwner(lockFile))) {
                return;
            }
            try (FileChannel channel = FileChannel.open(other, StandardOpenOption.WRITE);
                    FileLock free = channel.tryLock()) {
                if (free != null) {
                    String name = other.getFileName().toString();
                    delete(other.resolveSibling(name.substring(0, name.length() - LOCK.length()) + DRAFT));
                    Files.deleteIfExists(other);
                }
            }
        } catch (IOException | OverlappingFileLockException | UnsupportedOperationException e) {
            return;
        }
    }

    /** Where the folder is until it is in its place. */
    public Path folder() {
        return folder;
    }

    /**
     * Moves the folder to its place.
     *
     * @throws IOException if there is something in the place by now, which stays as it is
     */
    public void moveToPlace() throws IOException {
        if (Files.isDirectory(place)) {
            try (Stream<Path> entries = Files.list(place)) {
                if (entries.findAny().isPresent()) {
                    throw new FileAlreadyExistsException(place.toString());
                }
            }
            Files.delete(place); // not every system moves a folder over an empty one
        } else if (Files.exists(place)) {
            throw new FileAlreadyExistsException(place.toString());
        }
        Files.move(folder, place, StandardCopyOption.ATOMIC_MOVE);
    }

    /**
     * Moves one file of the folder to the place, over a file that is there. The rest is deleted by {@link #close}.
     *
     * @throws IOException if there is a folder in the place, or the file cannot be moved
     */
    public void moveToPlace(Path file) throws IOException {
        if (Files.isDirectory(place)) {
            throw new FileAlreadyExistsException(place.toString());
        }
        Files.move(file, place, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private static void delete(Path folder) throws IOException {
        if (Files.exists(folder)) {
            try (Stream<Path> all = Files.walk(folder)) {
                for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                    Files.deleteIfExists(path);
                }
            }
        }
    }

    /** Deletes the folder, unless it is in its place. */
    @Override
    public void close() throws IOException {
        try {
            delete(folder);
            Files.deleteIfExists(lockFile);
        } finally {
            lock.close();
        }
    }
}
