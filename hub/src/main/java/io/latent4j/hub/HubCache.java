package io.latent4j.hub;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * One repository's folder in the cache that other tools share: {@code refs/<revision>} holds a commit, {@code
 * snapshots/<commit>/<path>} are links to {@code blobs/<etag>}, which hold the bytes.
 */
final class HubCache {
    private static final Pattern COMMIT = Pattern.compile("[0-9a-f]{40}");
    static final String INCOMPLETE = ".incomplete";
    private static final int MOST_OF_REF = 1024;
    private static final long LOCK_WAIT_MILLIS = 100;
    private static final int NOTED_AFTER_WAITS = 20;

    private final Path locks;
    private final Path root;
    private final ModelId model;

    HubCache(Path cache, ModelId model) {
        this.root = cache.resolve(model.folder());
        this.locks = cache.resolve(".locks").resolve(model.folder());
        this.model = model;
    }

    static boolean isCommit(String text) {
        return COMMIT.matcher(text).matches();
    }

    /** The commit that the revision stood for when it was last asked for. */
    Optional<String> commit() throws IOException {
        if (isCommit(model.revision())) {
            return Optional.of(model.revision());
        }
        Path ref = root.resolve("refs").resolve(model.revision());
        if (!Files.isRegularFile(ref)) {
            return Optional.empty();
        }
        try (InputStream in = Files.newInputStream(ref)) {
            String text = new String(in.readNBytes(MOST_OF_REF), StandardCharsets.ISO_8859_1); // more is no commit
            return Optional.of(text.strip()).filter(HubCache::isCommit);
        }
    }

    /** Remembers what the revision stands for; the file is whole at any time, and left alone where it says so already. */
    void setCommit(String commit) throws IOException {
        if (model.revision().equals(commit) || commit().equals(Optional.of(commit))) {
            return;
        }
        Path ref = root.resolve("refs").resolve(model.revision());
        Files.createDirectories(ref.getParent());
        WholeFile.write(ref, file -> {
            ByteBuffer bytes = ByteBuffer.wrap(commit.getBytes(StandardCharsets.US_ASCII));
            while (bytes.hasRemaining()) {
                file.write(bytes);
            }
        });
    }

    /** The folder of a commit, in which files are as in the repository. */
    Path snapshot(String commit) {
        return root.resolve("snapshots").resolve(commit);
    }

    Path blob(String etag) {
        return root.resolve("blobs").resolve(etag);
    }

    /** The part of a blob that is here. */
    Path incomplete(String etag) throws IOException {
        Files.createDirectories(root.resolve("blobs"));
        return root.resolve("blobs").resolve(etag + INCOMPLETE);
    }

    /** Puts a blob in its place in the snapshot: a link, or a copy where the system has no links. */
    void link(String commit, String path, String etag) throws IOException {
        Path pointer = snapshot(commit).resolve(path);
        Files.createDirectories(pointer.getParent());
        Path target = pointer.getParent().relativize(blob(etag));
        try {
            Files.deleteIfExists(pointer); // a link to what is no longer there
            Files.createSymbolicLink(pointer, target);
        } catch (FileAlreadyExistsException e) {
            // another process was faster
        } catch (UnsupportedOperationException | IOException e) {
            copy(blob(etag), pointer);
        }
    }

    /** The copy appears whole or not at all. */
    static void copy(Path blob, Path pointer) throws IOException {
        WholeFile.write(pointer, file -> Files.copy(blob, Channels.newOutputStream(file)));
    }

    /** Work that must be the only one with a blob, in this process or another. */
    interface Work {
        void run() throws IOException, InterruptedException;
    }

    /** @param waiting is run once if somebody else has the blob for some time */
    void locked(String etag, Runnable waiting, Work work) throws IOException, InterruptedException {
        Files.createDirectories(locks);
        Path file = locks.resolve(etag + ".lock");
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            for (int waits = 0; ; waits++) {
                try (FileLock lock = channel.tryLock()) {
                    if (lock != null) {
                        work.run();
                        return;
                    }
                } catch (OverlappingFileLockException e) {
                    // a thread of this process has it
                }
                if (waits == NOTED_AFTER_WAITS) {
                    waiting.run();
                }
                Thread.sleep(LOCK_WAIT_MILLIS);
            }
        }
    }
}
