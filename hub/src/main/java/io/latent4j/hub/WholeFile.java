package io.latent4j.hub;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Writes a file beside its place and moves it there, so that it appears whole or not at all.
 *
 * <p>The file beside is called {@code .latent4j-PID-ID.incomplete} and is locked while its process lives. Whoever writes a
 * file deletes those of killed processes in the same folder. On a file system without locks they stay.
 */
final class WholeFile {
    private static final String PREFIX = ".latent4j-";
    private static final long PID = ProcessHandle.current().pid();
    private static final Pattern BESIDE = Pattern.compile("\\.latent4j-(\\d+)-[0-9a-f-]{36}\\.incomplete");
    private static final int MOST_TRIES = 100;

    private WholeFile() {}

    /** Writes what a file holds. */
    interface Content {
        void write(FileChannel file) throws IOException;
    }

    /** Writes the file; over one that is there, and in a folder that exists. */
    static void write(Path place, Content content) throws IOException {
        deleteDead(place.toAbsolutePath().getParent());
        for (int i = 1; !isWritten(place, content, i == MOST_TRIES); i++) {
            // another process took it for a dead one's before it was locked
        }
    }

    private static boolean isWritten(Path place, Content content, boolean last) throws IOException {
        Path beside = place.resolveSibling(PREFIX + PID + "-" + UUID.randomUUID() + HubCache.INCOMPLETE);
        try (FileChannel file = FileChannel.open(beside, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            lock(file);
            content.write(file);
            Files.move(beside, place, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            return true;
        } catch (NoSuchFileException e) {
            if (last || !beside.toString().equals(e.getFile())) {
                throw e;
            }
            return false;
        } finally {
            Files.deleteIfExists(beside);
        }
    }

    /** Where there are locks. */
    private static void lock(FileChannel file) throws IOException {
        try {
            file.lock();
        } catch (IOException | UnsupportedOperationException e) {
            if (Thread.currentThread().isInterrupted()) {
                throw e;
            }
        }
    }

    private static void deleteDead(Path folder) {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, PREFIX + "*" + HubCache.INCOMPLETE)) {
            for (Path file : files) {
                Matcher name = BESIDE.matcher(file.getFileName().toString());
                // closing a file ends all locks that the same process has on it
                if (name.matches()
                        && !name.group(1).equals(Long.toString(PID))
                        && Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
                    deleteIfDead(file);
                }
            }
        } catch (IOException | DirectoryIteratorException e) {
            return; // what cannot be listed has to stay
        }
    }

    private static void deleteIfDead(Path file) {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE);
                FileLock free = channel.tryLock()) {
            if (free != null) {
                Files.deleteIfExists(file);
            }
        } catch (IOException | OverlappingFileLockException | UnsupportedOperationException e) {
            return; // it is somebody else's
        }
    }
}
