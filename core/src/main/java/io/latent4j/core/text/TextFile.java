package io.latent4j.core.text;

import java.io.BufferedReader;
import java.io.FilterReader;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Reads text files in UTF-8. A byte-order mark at the beginning, which Windows' editors write, is dropped. Files are not
 * trusted: bytes that are not UTF-8, and what is not a regular file, give an {@link IOException} with the file's name.
 */
public final class TextFile {
    private static final int BYTE_ORDER_MARK = 0xFEFF;

    private TextFile() {}

    /**
     * Returns a whole text.
     *
     * @param mostBytes that the file may have
     */
    public static String read(Path file, long mostBytes) throws IOException {
        check(file);
        long size = Files.size(file);
        if (size > mostBytes) {
            throw new IOException(file + ": has " + size + " bytes; expected a text of at most " + mostBytes);
        }
        try {
            String text = Files.readString(file);
            return !text.isEmpty() && text.charAt(0) == BYTE_ORDER_MARK ? text.substring(1) : text;
        } catch (CharacterCodingException e) {
            throw notUtf8(file, e);
        }
    }

    /**
     * Returns the lines of a text, without their ends.
     *
     * @param mostBytes that the file may have
     */
    public static List<String> lines(Path file, long mostBytes) throws IOException {
        return read(file, mostBytes).lines().toList();
    }

    /** Opens a text of any length, to be read bit by bit; the caller closes it. */
    public static BufferedReader open(Path file) throws IOException {
        check(file);
        BufferedReader reader = new BufferedReader(new NamedReader(file, Files.newBufferedReader(file)));
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

    private static void check(Path file) throws IOException {
        if (Files.notExists(file)) {
            throw new IOException(file + ": does not exist; expected a text file");
        }
        if (!Files.isRegularFile(file)) {
            throw new IOException(file + ": is not a regular file; expected a text file");
        }
    }

    private static IOException notUtf8(Path file, CharacterCodingException e) {
        return new IOException(file + ": is not UTF-8; expected a text in UTF-8", e);
    }

    /** Reports the file where its bytes are not UTF-8. */
    private static final class NamedReader extends FilterReader {
        private final Path file;

        NamedReader(Path file, Reader in) {
            super(in);
            this.file = file;
        }

        @Override
        public int read() throws IOException {
            try {
                return super.read();
            } catch (CharacterCodingException e) {
                throw notUtf8(file, e);
            }
        }

        @Override
        public int read(char[] text, int offset, int length) throws IOException {
            try {
                return super.read(text, offset, length);
            } catch (CharacterCodingException e) {
                throw notUtf8(file, e);
            }
        }
    }
}
