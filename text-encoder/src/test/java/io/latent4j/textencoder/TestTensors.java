package io.latent4j.textencoder;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** A small safetensors file, whole in memory: enough for the tests of this module. */
record TestTensors(JsonObject header, ByteBuffer data) {

    static TestTensors read(Path file) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        byte[] header = new byte[(int) bytes.getLong()];
        bytes.get(header);
        JsonObject json = JsonParser.parseString(new String(header, StandardCharsets.UTF_8))
                .getAsJsonObject();
        json.remove("__metadata__");
        return new TestTensors(json, bytes.slice().order(ByteOrder.LITTLE_ENDIAN));
    }

    Map<String, Shape> shapes() {
        Map<String, Shape> shapes = new LinkedHashMap<>();
        header.keySet().forEach(key -> shapes.put(key, shape(key)));
        return shapes;
    }

    private Shape shape(String key) {
        return new Shape(header.getAsJsonObject(key).getAsJsonArray("shape").asList().stream()
                .mapToLong(JsonElement::getAsLong)
                .toArray());
    }

    /** Numbers as they are but for halves, which become float32. */
    NDArray array(NDManager manager, String key) {
        JsonObject entry = header.getAsJsonObject(key);
        int from = entry.getAsJsonArray("data_offsets").get(0).getAsInt();
        int to = entry.getAsJsonArray("data_offsets").get(1).getAsInt();
        ByteBuffer bytes = data.slice(from, to - from).order(ByteOrder.LITTLE_ENDIAN);
        return switch (entry.get("dtype").getAsString()) {
            case "F32" -> manager.create(bytes, shape(key), DataType.FLOAT32);
            case "I64" -> manager.create(bytes, shape(key), DataType.INT64);
            case "F16" -> {
                try (NDArray half = manager.create(bytes, shape(key), DataType.FLOAT16)) {
                    yield half.toType(DataType.FLOAT32, false);
                }
            }
            default -> throw new IllegalArgumentException(key + " is " + entry);
        };
    }
}
