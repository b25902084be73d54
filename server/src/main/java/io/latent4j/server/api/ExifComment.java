package io.latent4j.server.api;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;

/**
 * The parameters text of an image as the user comment of <a href="https://www.cipa.jp/std/documents/e/DC-008-2012_E.pdf">Exif
 * 2.3</a>, which is where other tools look for it in JPEG and WebP files.
 */
final class ExifComment {
    private static final int SEGMENT_MOST = 0xFFFF;
    private static final int APP0 = 0xFFE0;
    private static final int APP1 = 0xFFE1;
    private static final byte[] EXIF = ascii("Exif\0\0");
    private static final int DIRECTORY_BYTES = 2 + 12 + 4; // of one entry
    private static final int RIFF_BYTES = 12;
    private static final int CHUNK_BYTES = 8; // its type and length
    private static final int EXTENDED_BYTES = 10;
    private static final int HAS_EXIF = 0x08;

    private ExifComment() {}

    /** A JPEG file with the text in it; the file as it was if the text is longer than a segment of JPEG. */
    static byte[] inJpeg(byte[] jpeg, String text) {
        byte[] exif = exif(text);
        int length = Short.BYTES + EXIF.length + exif.length;
        if (length > SEGMENT_MOST) {
            return jpeg;
        }
        ByteBuffer from = ByteBuffer.wrap(jpeg);
        boolean named = (from.getShort(Short.BYTES) & 0xFFFF) == APP0; // the segment of JFIF is the first of all
        int at = Short.BYTES + (named ? Short.BYTES + (from.getShort(2 * Short.BYTES) & 0xFFFF) : 0);
        return ByteBuffer.allocate(jpeg.length + Short.BYTES + length)
                .put(jpeg, 0, at)
                .putShort((short) APP1)
                .putShort((short) length)
                .put(EXIF)
                .put(exif)
                .put(jpeg, at, jpeg.length - at)
                .array();
    }

    /** A WebP file of one chunk, without transparency, with the text in it. */
    static byte[] inWebp(byte[] webp, String text, int width, int height) {
        byte[] exif = exif(text);
        int padding = exif.length % 2;
        int images = webp.length - RIFF_BYTES;
        int size = RIFF_BYTES + CHUNK_BYTES + EXTENDED_BYTES + images + CHUNK_BYTES + exif.length + padding;
        ByteBuffer out = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
        out.put(ascii("RIFF")).putInt(size - CHUNK_BYTES).put(ascii("WEBP"));
        out.put(ascii("VP8X")).putInt(EXTENDED_BYTES).putInt(HAS_EXIF);
        put24(out, width - 1);
        put24(out, height - 1);
        out.put(webp, RIFF_BYTES, images);
        out.put(ascii("EXIF")).putInt(exif.length).put(exif);
        return out.array();
    }

    private static void put24(ByteBuffer out, int value) {
        out.putShort((short) value).put((byte) (value >>> Short.SIZE));
    }

    /** Two directories of one entry each: the first says where the second is, and that where the comment is. */
    private static byte[] exif(String text) {
        boolean plain = StandardCharsets.US_ASCII.newEncoder().canEncode(text);
        Charset charset = plain ? StandardCharsets.US_ASCII : StandardCharsets.UTF_16BE;
        byte[] comment = text.getBytes(charset);
        byte[] code = ascii(plain ? "ASCII\0\0\0" : "UNICODE\0");
        int first = Long.BYTES;
        int second = first + DIRECTORY_BYTES;
        int end = second + DIRECTORY_BYTES;
        ByteBuffer out = ByteBuffer.allocate(end + code.length + comment.length);
        out.put(ascii("MM")).putShort((short) 42).putInt(first);
        out.putShort((short) 1).putShort((short) 0x8769).putShort((short) 4);
        out.putInt(1).putInt(second).putInt(0);
        out.putShort((short) 1).putShort((short) 0x9286).putShort((short) 7);
        out.putInt(code.length + comment.length).putInt(end).putInt(0);
        return out.put(code).put(comment).array();
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
