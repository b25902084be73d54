package io.latent4j.core.weights;

import io.latent4j.core.config.Counted;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/** Reads bytes of a file at given positions; a file that ends before them has become shorter than it was. */
record FileBytes(Path path, FileChannel channel) {

    /**
     * Fills {@code bytes} from its position to its limit, and flips it.
     *
     * @throws IOException with the path if the file ends before, or cannot be read
     */
    void read(long position, ByteBuffer bytes) throws IOException {
        int from = bytes.position();
        while (bytes.hasRemaining()) {
            if (channel.read(bytes, position + bytes.position() - from) < 0) {
                throw shorter(position + bytes.limit() - from);
            }
        }
        bytes.flip();
    }

    /** Reads {@code length} bytes into the heap. */
    ByteBuffer read(long position, int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length);
        read(position, bytes);
        return bytes;
    }

    /** @throws IOException if the file has fewer than {@code end} bytes */
    void checkReaches(long end) throws IOException {
        if (channel.size() < end) {
            throw shorter(end);
        }
    }

    private IOException shorter(long end) {
        return new IOException(path + ": the file changed: it became shorter after it was opened; expected at least "
                + Counted.of(end, "byte") + "; open it again when nothing writes to it");
    }
}
