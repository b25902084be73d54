package io.latent4j.core.weights;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Makes safetensors files byte by byte, sound and damaged ones. */
final class SafeTensorsFile {

    private SafeTensorsFile() {}

    /** The bytes of a file with the given header and data. */
    static byte[] bytes(String json, byte... data) {
        byte[] header = json.getBytes(StandardCharsets.UTF_8);
        return bytes(header.length, header, data);
    }

    /** The bytes of a file that announces a header length of its own. */
    static byte[] bytes(long length, byte[] header, byte... data) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes(ByteBuffer.allocate(8)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(length)
                .array());
        bytes.writeBytes(header);
        bytes.writeBytes(data);
        return bytes.toByteArray();
    }

    static Path write(Path folder, String name, String json, byte... data) throws IOException {
        return Files.write(folder.resolve(name), bytes(json, data));
    }

    /** One tensor's entry in a header. */
    static String entry(String name, String type, String shape, long begin, long end) {
        return """
                "%s": {"dtype": "%s", "shape": %s, "data_offsets": [%d, %d]}""".formatted(name, type, shape, begin, end);
    }
}
