package io.latent4j.core.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDManager;
import com.google.common.io.MoreFiles;
import com.google.common.io.RecursiveDeleteOption;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * What every reader of files promises for any bytes: it reads them, or refuses them by one documented exception of one
 * line that has the file's name. Fuzzing limits each input to 5 seconds and 256 MB as well.
 */
public final class Untrusted {
    private static final int LONGEST_MESSAGE = 10_000;
    private static final byte SEPARATOR = 0x1e; // ASCII's record separator

    private Untrusted() {}

    /** Reads a file, or a folder of files. */
    public interface Reader {
        void read(Path path) throws IOException;
    }

    /** Writes {@code bytes} to a file of this name and checks what {@code reader} does with it. */
    public static void file(String name, byte[] bytes, Reader reader) throws IOException {
        inFolder(Map.of(name, bytes), folder -> check(folder.resolve(name), reader));
    }

    /** Writes files to a folder and checks what {@code reader} does with the folder. */
    public static void folder(Map<String, byte[]> files, Reader reader) throws IOException {
        inFolder(files, folder -> check(folder, reader));
    }

    private static void inFolder(Map<String, byte[]> files, Reader reader) throws IOException {
        Path folder = Files.createTempDirectory("untrusted");
        try {
            for (Map.Entry<String, byte[]> file : files.entrySet()) {
                Files.write(folder.resolve(file.getKey()), file.getValue());
            }
            reader.read(folder);
        } finally {
            MoreFiles.deleteRecursively(folder, RecursiveDeleteOption.ALLOW_INSECURE);
        }
    }

    private static void check(Path path, Reader reader) {
        try {
            reader.read(path);
        } catch (IOException | RuntimeException e) {
            checkRefusal(e, path.toString());
        }
    }

    /** Checks the exception by which something called {@code name} was refused. */
    public static void checkRefusal(Exception refusal, String name) {
        Class<?> kind = refusal.getClass();
        boolean documented = kind == IOException.class
                || kind == IllegalArgumentException.class
                || kind.getName().startsWith("io.latent4j.");
        if (!documented) {
            throw new AssertionError("refused by an exception that is not documented: " + refusal, refusal);
        }
        String message = String.valueOf(refusal.getMessage());
        assertThat(message).as("what refuses %s", name).contains(name);
        assertThat(message.length())
                .as("the length of what refuses %s: %s", name, message)
                .isLessThan(LONGEST_MESSAGE);
        assertThat(message.chars().anyMatch(Character::isISOControl))
                .as("control characters in what refuses %s: %s", name, message)
                .isFalse();
    }

    /** Loads the native library, whose time is no input's. */
    public static void loadEngine() {
        NDManager.newBaseManager().close();
    }

    /** The parts of an input for readers of several texts: bytes between record separators (0x1e), at least one. */
    public static List<byte[]> parts(byte[] input) {
        List<byte[]> parts = new ArrayList<>();
        int from = 0;
        for (int at = 0; at < input.length; at++) {
            if (input[at] == SEPARATOR) {
                parts.add(Arrays.copyOfRange(input, from, at));
                from = at + 1;
            }
        }
        parts.add(Arrays.copyOfRange(input, from, input.length));
        return parts;
    }

    /** Bytes as text, whatever they are. */
    public static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
