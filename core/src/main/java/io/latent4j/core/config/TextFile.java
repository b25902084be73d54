package io.latent4j.core.config;

import java.io.BufferedReader;
import java.io.FilterReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Reads text files in UTF-8. A byte-order mark at the beginning, which Windows' editors write, is dropped. Files are not
 * trusted: bytes that are not UTF-8, and what is not a regular file, give an {@link IOException} with the file's name.
 */
public final class TextFile {
    private static final char BYTE_ORDER_MARK = '\ufeff';

    private TextFile() {}

    /**
     * Reads a regular file of UTF-8; a byte-order mark at its beginning is dropped.
     *
     * @param most bytes of the largest file that is read
     * @param what names the expected content in errors: "a JSON file"
     * @throws IOException with the path if the file does not exist, is not a regular file, is larger or is not UTF-8
     */
    public static String read(Path file, int most, String what) throws IOException {
        byte[] bytes = readBytes(file, most, what);
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
            return withoutMark(text);
        } catch (CharacterCodingException e) {
            throw notUtf8(file, what, e);
        }
    }

    /** Reads a file as {@link #read} does, as lines without their ends. */
    public static List<String> lines(Path file, int most, String what) throws IOException {
        return read(file, most, what).lines().toList();
    }

    /**
     * Opens a text of any length, to be read bit by bit; the caller closes it.
     *
     * @throws IOException with the path as {@link #read} does; bytes that are not UTF-8 are reported by the reader
     */
    public static BufferedReader open(Path file, String what) throws IOException {
        requireRegular(file, what);
        BufferedReader reader = new BufferedReader(new NamedReader(file, what, Files.newBufferedReader(file)));
        try {
            reader.mark(1);
            if (reader.read() != BYTE_ORDER_MARK) {
                reader.reset();
            }
            return reader;
        } catch (IOException | RuntimeException | Error e) {
            reader.close();
            throw e;
        }
    }

    /**
     * Reads a regular file.
     *
     * @throws IOException with the path if the file does not exist, is not a regular file or is larger than {@code most}
     */
    public static byte[] readBytes(Path file, int most, String what) throws IOException {
        requireRegular(file, what);
        byte[] bytes;
        try (InputStream in = Files.newInputStream(file)) {
            bytes = in.readNBytes(most + 1); // whatever the size is said to be
        }
        if (bytes.length > most) {
            throw new IOException(file + ": has more than " + most + " bytes; expected " + what
                    + " of at most as many; check the file");
        }
        return bytes;
    }

    /**
     * Refuses what is not a regular file, or a link to one: a pipe or a device may have no end.
     *
     * @throws IOException with the path
     */
    public static void requireRegular(Path file, String what) throws IOException {
        if (!Files.isRegularFile(file)) {
            String found = Files.isDirectory(file)
                    ? "is a folder"
                    : Files.exists(file) ? "is not a regular file" : "does not exist";
            throw new IOException(file + ": " + found + "; expected " + what + "; check the path");
        }
    }

    /** {@code text} without a byte-order mark at its beginning. */
    public static String withoutMark(String text) {
        return !text.isEmpty() && text.charAt(0) == BYTE_ORDER_MARK ? text.substring(1) : text;
    }

    private static IOException notUtf8(Path file, String what, CharacterCodingException e) {
        return new IOException(
                file + ": is not text in UTF-8; expected " + what + "; check the file and its encoding", e);
    }

    /** Reports the file where its bytes are not UTF-8. */
    private static final class NamedReader extends FilterReader {
        private final Path file;
        private final String what;

        NamedReader(Path file, String what, Reader in) {
            super(in);
            this.file = file;
            this.what = what;
        }

        @Override
        public int read() throws IOException {
            try {
                return super.read();
            } catch (CharacterCodingException e) {
                throw notUtf8(file, what, e);
            }
        }

        @Override
        public int read(char[] text, int offset, int length) throws IOException {
            try {
                return super.read(text, offset, length);
            } catch (CharacterCodingException e) {
                throw notUtf8(file, what, e);
            }
        }
    }
}
