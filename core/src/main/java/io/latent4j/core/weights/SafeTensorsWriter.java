package io.latent4j.core.weights;

import static com.google.common.base.Preconditions.checkArgument;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.gson.stream.JsonWriter;
import io.latent4j.core.files.Draft;
import io.latent4j.core.ops.Ops;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.CharBuffer;
import java.nio.FloatBuffer;
import java.nio.ShortBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/** Writes one safetensors file: the work behind {@link SafeTensors#write}. */
final class SafeTensorsWriter {

    /** Elements fetched from the engine at a time. */
    private static final int STEP = 8 << 20;

    /** A tensor and its name. */
    private record Entry(String name, TensorSource tensor) {

        StoredType type() {
            return tensor.type();
        }

        long bytes() {
            return tensor.shape().size() * type().bytes();
        }
    }

    /** Wide elements first keep every tensor aligned; then by name, so that equal content makes equal files. */
    private static final Comparator<Entry> ORDER = Comparator.<Entry>comparingInt(
                    entry -> -entry.type().bytes())
            .thenComparing(Entry::type)
            .thenComparing(Entry::name);

    private final Path path;
    private final List<Entry> entries;
    private final Map<String, String> metadata;
    private final NDManager manager;

    /** Checks everything but the disk; each tensor is made on a manager below {@code manager}. */
    SafeTensorsWriter(Path path, Map<String, TensorSource> tensors, Map<String, String> metadata, NDManager manager) {
        this.manager = manager;
        checkArgument(
                !tensors.containsKey(Header.METADATA),
                "%s: a tensor is named %s; expected another name, this one is the format's own",
                path,
                Header.METADATA);
        tensors.forEach((name, tensor) -> checkArgument(
                tensor.type() == tensor.type().written(),
                "%s: tensor \"%s\": the type %s is not written; expected %s",
                path,
                name,
                tensor.type(),
                tensor.type().written()));
        this.path = path;
        this.metadata = ImmutableMap.copyOf(metadata);
        this.entries = tensors.entrySet().stream()
                .map(tensor -> new Entry(tensor.getKey(), tensor.getValue()))
                .sorted(ORDER)
                .collect(ImmutableList.toImmutableList());
    }

    void write() throws IOException {
        ByteBuffer header = header();
        try (Draft draft = Draft.ofFile(path)) {
            draft.fill(file -> write(file, header));
            draft.replace();
        }
    }

    private void write(Path file, ByteBuffer header) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            writeFully(channel, header);
            for (Entry entry : entries) {
                write(channel, entry);
            }
            channel.force(true);
        }
    }

    private ByteBuffer header() {
        byte[] json = utf8(json());
        int padded = (json.length + 7) / 8 * 8;
        checkArgument(
                padded <= Header.MAX_LENGTH,
                "%s: the names take %s bytes; expected at most %s",
                path,
                padded,
                Header.MAX_LENGTH);
        ByteBuffer header = ByteBuffer.allocate(Header.LENGTH_BYTES + padded).order(ByteOrder.LITTLE_ENDIAN);
        header.putLong(padded).put(json);
        while (header.hasRemaining()) {
            header.put((byte) ' ');
        }
        return header.flip();
    }

    private String json() {
        StringWriter text = new StringWriter();
        try (JsonWriter json = new JsonWriter(text)) {
            json.beginObject();
            if (!metadata.isEmpty()) {
                json.name(Header.METADATA).beginObject();
                for (var entry : metadata.entrySet()) {
                    json.name(entry.getKey()).value(entry.getValue());
                }
                json.endObject();
            }
            long begin = 0;
            for (Entry entry : entries) {
                json.name(entry.name()).beginObject();
                json.name("dtype").value(entry.type().name());
                json.name("shape").beginArray();
                for (long size : entry.tensor().shape().getShape()) {
                    json.value(size);
                }
                json.endArray();
                json.name("data_offsets").beginArray().value(begin).value(begin + entry.bytes());
                json.endArray().endObject();
                begin += entry.bytes();
            }
            json.endObject();
        } catch (IOException e) {
            throw new IllegalStateException("a string cannot be written to", e);
        }
        return text.toString();
    }

    private byte[] utf8(String json) {
        try {
            ByteBuffer bytes = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(json));
            byte[] copy = new byte[bytes.remaining()];
            bytes.get(copy);
            return copy;
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException(path + ": a name has half a surrogate pair; expected Unicode text", e);
        }
    }

    private void write(FileChannel channel, Entry entry) throws IOException {
        try (NDManager own = manager.newSubManager()) {
            write(channel, entry.tensor().reader().read(own), entry.type());
        }
    }

    private static void write(FileChannel channel, NDArray array, StoredType type) throws IOException {
        try (NDArray flat = array.reshape(-1)) {
            for (long from = 0; from < flat.size(); from += STEP) {
                try (NDManager scratch = flat.getManager().newSubManager(); // for the engine's copy off a GPU as well
                        NDArray part = flat.get(new NDIndex().addSliceDim(from, Math.min(flat.size(), from + STEP)))) {
                    part.attach(scratch);
                    writeFully(channel, bytes(part, type));
                }
            }
        }
    }

    private static ByteBuffer bytes(NDArray part, StoredType type) {
        if (type == StoredType.BF16) {
            try (NDArray wide = Ops.cast(part, DataType.FLOAT32)) {
                return bfloat16(wide.toByteBuffer(false).asFloatBuffer());
            }
        }
        if (part.getDataType() == type.dataType()) {
            return part.toByteBuffer(false);
        }
        try (NDArray converted = Ops.cast(part, type.dataType())) {
            return converted.toByteBuffer(false);
        }
    }

    private static ByteBuffer bfloat16(FloatBuffer values) {
        ByteBuffer bytes = ByteBuffer.allocate(values.limit() * 2).order(ByteOrder.LITTLE_ENDIAN);
        ShortBuffer halves = bytes.asShortBuffer();
        for (int i = 0; i < values.limit(); i++) {
            halves.put(i, bfloat16(values.get(i)));
        }
        return bytes;
    }

    /** Rounds to the nearest bfloat16, ties to even. */
    private static short bfloat16(float value) {
        if (Float.isNaN(value)) {
            return 0x7fc0;
        }
        int bits = Float.floatToRawIntBits(value);
        return (short) ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16);
    }

    private static void writeFully(FileChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }
}
