package io.latent4j.core.image;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import javax.imageio.stream.ImageInputStreamImpl;

/** A file as ImageIO reads it, in pieces of 64 KB; ImageIO's own stream asks the operating system for each byte. */
final class BufferedFileStream extends ImageInputStreamImpl {
    private static final int PIECE = 1 << 16;

    private final RandomAccessFile file;
    private final byte[] piece = new byte[PIECE];
    private long start; // of the piece in the file
    private int count; // of bytes in the piece

    BufferedFileStream(Path file) throws IOException {
        this.file = new RandomAccessFile(file.toFile(), "r");
    }

    @Override
    public int read() throws IOException {
        bitOffset = 0;
        return isFilled() ? piece[(int) (streamPos++ - start)] & 0xFF : -1;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        bitOffset = 0;
        int read = 0;
        while (read < length && isFilled()) { // to the end, as the numbers that are read of it expect
            int from = (int) (streamPos - start);
            int some = Math.min(length - read, count - from);
            System.arraycopy(piece, from, bytes, offset + read, some);
            streamPos += some;
            read += some;
        }
        return read == 0 && length > 0 ? -1 : read;
    }

    /** Whether there is a byte at the stream's position; it is in the piece then. */
    private boolean isFilled() throws IOException {
        checkClosed();
        if (streamPos < start || streamPos >= start + count) {
            file.seek(streamPos);
            start = streamPos;
            count = Math.max(0, file.read(piece));
        }
        return count > 0;
    }

    @Override
    public long length() {
        try {
            return file.length();
        } catch (IOException e) {
            return -1; // unknown, as the interface has it
        }
    }

    @Override
    public void close() throws IOException {
        super.close();
        file.close();
    }
}
