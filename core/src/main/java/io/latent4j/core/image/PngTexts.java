package io.latent4j.core.image;

import io.latent4j.core.config.Counted;
import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.InflaterInputStream;
import java.util.zip.ZipException;

/** Reads the text chunks of one PNG file: {@code tEXt}, {@code zTXt} and {@code iTXt}. Files are not trusted. */
final class PngTexts {
    private static final long SIGNATURE = 0x89504E470D0A1A0AL;
    private static final int FRAME = 12; // length, type and checksum around a chunk's data
    private static final int MOST_BYTES = 16 << 20;

    private static final int TEXT = chunk("tEXt");
    private static final int COMPRESSED = chunk("zTXt");
    private static final int INTERNATIONAL = chunk("iTXt");
    private static final int END = chunk("IEND");

    private final String name;
    private final Map<String, String> texts = new LinkedHashMap<>();
    private int bytesLeft = MOST_BYTES;

    private PngTexts(String name) {
        this.name = name;
    }

    static Map<String, String> read(Path file) throws IOException {
        ImageDecoder.check(file);
        long length = Files.size(file);
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
            return read(file.toString(), in, length);
        }
    }

    static Map<String, String> read(byte[] file) throws IOException {
        return read("the image", new ByteArrayInputStream(file), file.length);
    }

    private static Map<String, String> read(String name, InputStream in, long length) throws IOException {
        PngTexts texts = new PngTexts(name);
        texts.readChunks(new DataInputStream(in), length);
        return Collections.unmodifiableMap(texts.texts);
    }

    private static int chunk(String name) {
        byte[] bytes = name.getBytes(StandardCharsets.US_ASCII);
        return bytes[0] << 24 | bytes[1] << 16 | bytes[2] << 8 | bytes[3];
    }

    private void readChunks(DataInputStream in, long length) throws IOException {
        long left = length;
        if (left < Long.BYTES || in.readLong() != SIGNATURE) {
            throw bad("is not a PNG file");
        }
        left -= Long.BYTES;
        int type = 0;
        int chunks = 0;
        while (type != END) {
            if (++chunks > PngChunks.MOST) {
                throw bad("has more than " + PngChunks.MOST + " chunks");
            }
            if (left < FRAME) {
                throw bad("ends too early");
            }
            int bytes = in.readInt();
            type = in.readInt();
            left -= FRAME;
            if (bytes < 0 || bytes > left) {
                throw bad("has a chunk of " + Counted.of(bytes & 0xFFFFFFFFL, "byte") + " where the file ends after "
                        + left);
            }
            left -= bytes;
            if (type == TEXT || type == COMPRESSED || type == INTERNATIONAL) {
                readText(type, data(in, type, bytes));
            } else {
                in.skipNBytes(bytes + (long) Integer.BYTES);
            }
        }
    }

    private byte[] data(DataInputStream in, int type, int length) throws IOException {
        take(length);
        byte[] data = in.readNBytes(length);
        CRC32 checksum = new CRC32();
        for (int shift = 24; shift >= 0; shift -= 8) {
            checksum.update(type >>> shift);
        }
        checksum.update(data);
        if (in.readInt() != (int) checksum.getValue()) {
            throw bad("has a text whose checksum is wrong");
        }
        return data;
    }

    private void readText(int type, byte[] data) throws IOException {
        Fields fields = new Fields(data);
        String keyword = fields.next(StandardCharsets.ISO_8859_1);
        String text;
        if (type == TEXT) {
            text = fields.rest(false, StandardCharsets.ISO_8859_1);
        } else if (type == COMPRESSED) {
            fields.number(); // the only method there is
            text = fields.rest(true, StandardCharsets.ISO_8859_1);
        } else {
            boolean compressed = fields.number() != 0;
            fields.number();
            fields.next(StandardCharsets.US_ASCII); // language
            fields.next(StandardCharsets.UTF_8); // keyword in that language
            text = fields.rest(compressed, StandardCharsets.UTF_8);
        }
        texts.putIfAbsent(keyword, text);
    }

    private void take(int bytes) throws IOException {
        bytesLeft -= bytes;
        if (bytesLeft < 0) {
            throw bad("has more than " + MOST_BYTES + " bytes of text");
        }
    }

    private IOException bad(String what) {
        return new IOException(name + ": " + what + "; expected a whole PNG file of ordinary size");
    }

    /** The parts of a text chunk, one after the other; all but the last end with a zero byte. */
    private final class Fields {
        private final byte[] data;
        private int at;

        Fields(byte[] data) {
            this.data = data;
        }

        String next(Charset charset) throws IOException {
            int from = at;
            int next;
            do {
                next = number();
            } while (next != 0);
            return new String(data, from, at - 1 - from, charset);
        }

        int number() throws IOException {
            if (at == data.length) {
                throw bad("has a text that ends too early");
            }
            return data[at++];
        }

        String rest(boolean compressed, Charset charset) throws IOException {
            if (!compressed) {
                return new String(data, at, data.length - at, charset);
            }
            ByteArrayInputStream bytes = new ByteArrayInputStream(data, at, data.length - at);
            try (InflaterInputStream inflated = new InflaterInputStream(bytes)) {
                byte[] text = inflated.readNBytes(bytesLeft + 1);
                take(text.length);
                return new String(text, charset);
            } catch (ZipException | EOFException e) {
                throw new IOException(name + ": has a text that cannot be unpacked: " + e.getMessage(), e);
            }
        }
    }
}
