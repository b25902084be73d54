package io.latent4j.pipeline.files;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.types.Shape;
import com.code_intelligence.jazzer.junit.FuzzTest;
import com.google.common.base.Splitter;
import com.google.common.primitives.Longs;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.latent4j.core.config.Config;
import io.latent4j.core.fuzz.Untrusted;
import io.latent4j.core.weights.Checkpoint;
import io.latent4j.pipeline.model.EmbeddedModel;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeAll;

/**
 * Single files with any names, shapes and metadata: each is recognised, and has the settings and weights of a model, or is
 * refused. An input is lines of edits, at first of no tensors: {@code whole} has those of a model, {@code -PREFIX} removes
 * tensors, {@code >FROM>TO} renames them, {@code NAME 8 4} adds one, and {@code #KEY=VALUE} is of the metadata.
 */
class SingleFileFuzzTest {
    private static final long MOST_BYTES = 1L << 40;
    private static final int MOST_TENSORS = 5000;
    private static final Map<String, Shape> WHOLE = new LinkedHashMap<>();

    /** Names and shapes of a Stable Diffusion 1 of small layers. */
    @BeforeAll
    static void write() throws IOException {
        Untrusted.loadEngine();
        try (EmbeddedModel model = EmbeddedModel.unpack()) {
            ModelFiles files = ModelFiles.of(model.folder());
            SingleFileLayout layout = Layouts.installed().writing(files).orElseThrow();
            for (String part : layout.parts()) {
                layout.part(part, files.json(part + "/config.json"))
                        .tensors()
                        .forEach((key, tensor) -> WHOLE.put(key, tensor.shape()));
            }
        }
    }

    @FuzzTest
    void anyTensorsAreAModelOrRefused(byte[] bytes) throws IOException {
        Map<String, Shape> tensors = new TreeMap<>();
        JsonObject metadata = new JsonObject();
        Untrusted.text(bytes).lines().limit(200).forEach(line -> edit(line, tensors, metadata));
        Path file = Files.createTempFile("fuzz", ".safetensors");
        try {
            write(file, tensors, metadata);
            read(file);
        } catch (IOException | IllegalArgumentException e) {
            Untrusted.checkRefusal(e, file.toString());
        } finally {
            Files.delete(file);
        }
    }

    private static void edit(String line, Map<String, Shape> tensors, JsonObject metadata) {
        List<String> words = Splitter.on(line.startsWith(">") ? '>' : ' ').splitToList(line);
        if (line.equals("whole")) {
            tensors.putAll(WHOLE);
        } else if (line.startsWith("-")) {
            tensors.keySet().removeIf(key -> key.startsWith(line.substring(1)));
        } else if (line.startsWith(">") && words.size() == 3) {
            Map<String, Shape> renamed = new TreeMap<>();
            tensors.forEach((key, shape) -> renamed.put(
                    key.startsWith(words.get(1))
                            ? words.get(2) + key.substring(words.get(1).length())
                            : key,
                    shape));
            tensors.clear();
            tensors.putAll(renamed);
        } else if (line.startsWith("#") && line.contains("=")) {
            metadata.addProperty(line.substring(1, line.indexOf('=')), line.substring(line.indexOf('=') + 1));
        } else {
            List<Long> sides = words.stream()
                    .skip(1)
                    .map(Longs::tryParse)
                    .filter(side -> side != null && side >= 0)
                    .toList();
            tensors.put(words.get(0), new Shape(sides));
        }
    }

    /** Writes a header, and data that take no room on the disk. */
    private static void write(Path path, Map<String, Shape> tensors, JsonObject metadata) throws IOException {
        JsonObject header = new JsonObject();
        long end = 0;
        for (Map.Entry<String, Shape> tensor : tensors.entrySet()) {
            double bytes = 2;
            for (long side : tensor.getValue().getShape()) {
                bytes *= side;
            }
            if (end + bytes > MOST_BYTES || header.size() > MOST_TENSORS) {
                continue;
            }
            JsonObject info = new JsonObject();
            info.addProperty("dtype", "F16");
            JsonArray shape = new JsonArray();
            for (long side : tensor.getValue().getShape()) {
                shape.add(side);
            }
            info.add("shape", shape);
            JsonArray offsets = new JsonArray();
            offsets.add(end);
            end += (long) bytes;
            offsets.add(end);
            info.add("data_offsets", offsets);
            header.add(tensor.getKey(), info);
        }
        header.add("__metadata__", metadata);
        byte[] json = header.toString().getBytes(StandardCharsets.UTF_8);
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
            file.write(ByteBuffer.allocate(Long.BYTES)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putLong(json.length)
                    .array());
            file.write(json);
            file.setLength(file.getFilePointer() + end);
        }
    }

    private static void read(Path path) throws IOException {
        SingleFile file = SingleFile.open(path, FileOptions.none());
        assertThat(file.json("model_index.json").text("_class_name")).isNotEmpty();
        assertThat(file.json("scheduler/scheduler_config.json").keys()).isNotEmpty();
        for (String part : file.layout().parts()) {
            Config config = file.json(part + "/config.json");
            Map<String, Shape> expected = file.layout().part(part, config).shapes();
            try (Checkpoint weights = file.weights(part)) {
                assertThat(expected.keySet()).containsAll(weights.tensors().keySet());
            }
        }
    }
}
