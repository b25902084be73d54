package io.latent4j.core.files;

import com.google.common.io.MoreFiles;
import com.google.common.io.RecursiveDeleteOption;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.FileLockInterruptionException;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A file or a folder that is written beside its place and moved there at the end, so that it appears whole or not at all.
 *
 * <p>A draft is called {@code .latent4j-PID-ID.draft}, and a lock beside it, {@code .latent4j-PID-ID.lock}, shows that its
 * process lives. Whoever makes a draft deletes those of killed processes in the same folder. On a file system without locks
 * they stay.
 */
public final class Draft implements AutoCloseable {
    private static final String DRAFT = ".draft";
    private static final String LOCK = ".lock";
    private static final long PID = ProcessHandle.current().pid();
    private static final Pattern LOCKS = Pattern.compile("(\\.latent4j-(\\d+)-[0-9a-f-]{36})\\.lock");
    private static final String LOCKS_GLOB = ".latent4j-*" + LOCK;

    private final Path asked;
    private final Path place;
    private final Path path;
    private final Optional<Alive> alive;

    /** Writes what a draft is to hold. */
    @FunctionalInterface
    public interface Filling {
        /**
         * Writes it.
         *
         * @param draft a free name for a file, or an empty folder
         */
        void fill(Path draft) throws IOException;
    }

    private Draft(Path asked, Path place, Path path, Optional<Alive> alive) {
        this.asked = asked;
        this.place = place;
        this.path = path;
        this.alive = alive;
    }

    /**
     * A draft of a file.
     *
     * @param place where the file belongs, in a folder that exists
     * @throws IOException if the folder does not exist or cannot be written to, or there is a folder in the place
     */
    public static Draft ofFile(Path place) throws IOException {
        Path absolute = place.toAbsolutePath().normalize();
        Path folder = absolute.getParent();
        if (folder == null || !Files.isDirectory(folder)) {
            throw new IOException(place + ": cannot be written; expected an existing folder; create it first");
        }
        if (Files.isDirectory(place)) {
            throw new IOException(place + ": cannot be written; it is a folder, expected a file");
        }
        return begin(place, absolute);
    }

    /**
     * A draft of a folder, empty at first.
     *
     * @param place where the folder belongs; folders above it are made if they are not there
     * @throws IOException if the draft cannot be made
     */
    public static Draft ofFolder(Path place) throws IOException {
        Path absolute = place.toAbsolutePath().normalize();
        if (absolute.getParent() == null) {
            throw new IOException(place + ": is no name of a new folder");
        }
        try {
            Files.createDirectories(absolute.getParent());
        } catch (IOException e) {
            throw unwritable(place, e);
        }
        Draft draft = begin(place, absolute);
        try {
            Files.createDirectory(draft.path);
            return draft;
        } catch (IOException e) {
            draft.close();
            throw unwritable(place, e);
        }
    }

    private static Draft begin(Path place, Path absolute) throws IOException {
        Path folder = absolute.getParent();
        while (true) {
            String name = ".latent4j-" + PID + "-" + UUID.randomUUID();
            Optional<Alive> alive;
            try {
                alive = Alive.mark(folder.resolve(name + LOCK));
            } catch (IOException e) {
                throw unwritable(place, e);
            }
            if (alive.isPresent()) {
                deleteDead(folder, alive.get().file);
            }
            if (alive.isEmpty() || Files.exists(alive.get().file)) {
                return new Draft(place, absolute, folder.resolve(name + DRAFT), alive);
            }
            alive.get().close(); // another process took it for a dead one's before it was locked
        }
    }

    private static IOException unwritable(Path place, IOException e) {
        if (e instanceof ClosedByInterruptException || e instanceof FileLockInterruptionException) {
            IOException interrupted = new ClosedByInterruptException(); // whoever interrupts looks for one exception
            interrupted.initCause(e);
            return interrupted;
        }
        return Unwritable.exception(place.toString(), e);
    }

    /**
     * Deletes the drafts that killed processes of this user left in a folder; what cannot be read or deleted stays.
     *
     * @throws IOException if the folder cannot be written to
     */
    public static void deleteDead(Path folder) throws IOException {
        begin(folder, folder.toAbsolutePath().resolve(DRAFT)).close();
    }

    private static void deleteDead(Path folder, Path own) {
        try (DirectoryStream<Path> locks = Files.newDirectoryStream(folder, LOCKS_GLOB)) {
            for (Path lock : locks) {
                Matcher name = LOCKS.matcher(lock.getFileName().toString());
                // closing a file ends all locks that the same process has on it
                if (name.matches() && !name.group(2).equals(Long.toString(PID)) && isLike(own, lock)) {
                    deleteIfDead(lock, folder.resolve(name.group(1) + DRAFT));
                }
            }
        } catch (IOException | DirectoryIteratorException e) {
            return; // what cannot be listed has to stay
        }
    }

    /** Whether both are files of one user. */
    private static boolean isLike(Path own, Path lock) throws IOException {
        try {
            return Files.isRegularFile(lock, LinkOption.NOFOLLOW_LINKS)
                    && Files.getOwner(lock, LinkOption.NOFOLLOW_LINKS).equals(Files.getOwner(own));
        } catch (NoSuchFileException e) {
            return false; // its process is done with it
        } catch (UnsupportedOperationException e) {
            return true; // a file system without owners
        }
    }

    private static void deleteIfDead(Path lock, Path draft) {
        try (FileChannel channel = FileChannel.open(lock, StandardOpenOption.WRITE);
                FileLock free = channel.tryLock()) {
            if (free != null) {
                delete(draft);
                Files.deleteIfExists(lock);
            }
        } catch (IOException | OverlappingFileLockException | UnsupportedOperationException e) {
            return; // it is somebody else's
        }
    }

    private static void delete(Path draft) throws IOException {
        if (Files.isDirectory(draft)) {
            MoreFiles.deleteRecursively(draft, RecursiveDeleteOption.ALLOW_INSECURE);
        } else {
            Files.deleteIfExists(draft);
        }
    }

    /**
     * Has the draft filled. Where it cannot be written to, the exception says so of the place: the draft's name, which
     * nobody has chosen, is in no message.
     *
     * @throws IOException what {@code filling} throws; of another file than the draft as it is
     */
    public void fill(Filling filling) throws IOException {
        fill(path, asked, filling);
    }

    /**
     * Has a draft filled that is no {@code Draft}, one with a name of its own. Failures are as those of {@link
     * #fill(Filling)}.
     *
     * @param place where it is moved later
     */
    public static void fill(Path draft, Path place, Filling filling) throws IOException {
        try {
            filling.fill(draft);
        } catch (IOException e) {
            throw Unwritable.named(draft.toString(), place.toString(), e);
        }
    }

    private IOException named(IOException e) {
        return Unwritable.named(path.toString(), asked.toString(), e);
    }

    /** The draft: a free name for a file, or an empty folder. */
    public Path path() {
        return path;
    }

    /**
     * Moves the file to its place, over a file that is there.
     *
     * @throws IOException if there is a folder in the place, or the file cannot be moved
     */
    public void replace() throws IOException {
        if (Files.isDirectory(place)) {
            throw new FileAlreadyExistsException(place.toString());
        }
        try {
            Files.move(path, place, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw named(e);
        }
    }

    /**
     * Moves the file or the folder to its place if nothing is there, or an empty folder in that of a folder. Of several
     * processes that do so at a time, one succeeds.
     *
     * @throws FileAlreadyExistsException if something is in the place, which stays as it is
     * @throws IOException if it cannot be moved
     */
    public void create() throws IOException {
        if (Files.isDirectory(path)) {
            createFolder();
        } else {
            createFile();
        }
    }

    private void createFile() throws IOException {
        try {
            Files.createLink(place, path);
        } catch (FileAlreadyExistsException e) {
            throw e;
        } catch (UnsupportedOperationException | FileSystemException e) { // a file system without links
            reserve();
            try {
                replace();
            } catch (IOException failed) {
                Files.deleteIfExists(place);
                throw failed;
            }
        }
    }

    private void reserve() throws IOException {
        try {
            Files.createFile(place);
        } catch (FileAlreadyExistsException e) {
            throw e;
        } catch (IOException e) {
            throw unwritable(asked, e);
        }
    }

    private void createFolder() throws IOException {
        if (isTaken()) {
            throw new FileAlreadyExistsException(place.toString());
        }
        Files.deleteIfExists(place); // not every system moves a folder over an empty one
        try {
            Files.move(path, place, StandardCopyOption.ATOMIC_MOVE);
        } catch (FileSystemException e) {
            if (isTaken()) {
                throw new FileAlreadyExistsException(place.toString());
            }
            throw named(e);
        }
    }

    private boolean isTaken() throws IOException {
        if (!Files.isDirectory(place)) {
            return Files.exists(place);
        }
        try (Stream<Path> entries = Files.list(place)) {
            return entries.findAny().isPresent();
        }
    }

    /** Deletes the draft, unless it is in its place. */
    @Override
    public void close() throws IOException {
        try {
            delete(path);
        } finally {
            if (alive.isPresent()) {
                alive.get().close();
            }
        }
    }

    /** A file that is locked for as long as its process lives. */
    private record Alive(Path file, FileChannel channel) {

        /** Makes the file and locks it; nothing where the file system has no locks. */
        static Optional<Alive> mark(Path file) throws IOException {
            FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
            Alive alive = new Alive(file, channel);
            try {
                channel.lock();
                return Optional.of(alive);
            } catch (IOException | UnsupportedOperationException e) {
                alive.close();
                if (Thread.currentThread().isInterrupted()) {
                    throw e;
                }
                return Optional.empty();
            }
        }

        void close() throws IOException {
            try {
                Files.deleteIfExists(file);
            } finally {
                channel.close();
            }
        }
    }
}
