package io.latent4j.core.config;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reads a whole text file of limited size. */
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
            throw new IOException(
                    file + ": is not text in UTF-8; expected " + what + "; check the file and its encoding", e);
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
}
