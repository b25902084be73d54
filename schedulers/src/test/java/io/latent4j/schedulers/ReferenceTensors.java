package io.latent4j.schedulers;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;

/** The float32 tensors of a small safetensors file. */
final class ReferenceTensors {
    private final JsonObject header;
    private final ByteBuffer data;

    private ReferenceTensors(JsonObject header, ByteBuffer data) {
        this.header = header;
        this.data = data;
    }

    static ReferenceTensors read(Path file) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        byte[] header = new byte[Math.toIntExact(bytes.getLong())];
        bytes.get(header);
        JsonObject json = JsonParser.parseString(new String(header, StandardCharsets.UTF_8))
                .getAsJsonObject();
        return new ReferenceTensors(json, bytes.slice().order(ByteOrder.LITTLE_ENDIAN));
    }

    Optional<NDArray> find(String name, NDManager manager) {
        return header.has(name) ? Optional.of(get(name, manager)) : Optional.empty();
    }

    NDArray get(String name, NDManager manager) {
        JsonObject entry = header.getAsJsonObject(name);
        float[] values = new float[Math.toIntExact(shape(entry).size())];
        int offset = entry.getAsJsonArray("data_offsets").get(0).getAsInt();
        for (int i = 0; i < values.length; i++) {
            values[i] = data.getFloat(offset + 4 * i);
        }
        return manager.create(values, shape(entry));
    }

    /** The values of a tensor of 64-bit whole numbers. */
    int[] wholeNumbers(String name) {
        JsonObject entry = header.getAsJsonObject(name);
        int offset = entry.getAsJsonArray("data_offsets").get(0).getAsInt();
        return IntStream.range(0, Math.toIntExact(shape(entry).size()))
                .map(i -> Math.toIntExact(data.getLong(offset + 8 * i)))
                .toArray();
    }

    private static Shape shape(JsonObject entry) {
        JsonArray sizes = entry.getAsJsonArray("shape");
        return new Shape(StreamSupport.stream(sizes.spliterator(), false)
                .mapToLong(size -> size.getAsLong())
                .toArray());
    }
}
