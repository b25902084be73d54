package io.latent4j.core.weights;

import ai.djl.ndarray.types.Shape;
import com.google.common.collect.ImmutableMap;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import io.latent4j.core.config.Counted;
import io.latent4j.core.config.Shown;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The validated header of a safetensors file.
 *
 * <p>The file is an unsigned 64-bit little-endian header length, that many bytes of JSON, and the tensors' bytes without
 * gap or overlap. A header that promises anything else is refused here, so readers may trust every position in it.
 *
 * @param tensors by name, in the order of their bytes in the file
 * @param metadata the free text under {@code __metadata__}
 */
record Header(ImmutableMap<String, TensorInfo> tensors, ImmutableMap<String, String> metadata) {

    static final String METADATA = "__metadata__";
    static final int LENGTH_BYTES = 8;

    private static final String CURE = "the file is damaged or no safetensors file: fetch or write it again";

    /** A third of the reference implementation's limit, and ten times what models need: it is parsed in memory. */
    static final long MAX_LENGTH = 32 << 20;

    private static final int MAX_TENSORS = 200_000;
    private static final int MAX_NAME = 2_000; // letters

    /** The most dimensions the engine handles. */
    private static final int MAX_DIMENSIONS = 64;

    /** Reads and checks the header of the {@code size} bytes long file {@code path}, open as {@code channel}. */
    static Header read(Path path, FileChannel channel, long size) throws IOException {
        if (size < LENGTH_BYTES) {
            throw damaged(path, "has " + Counted.of(size, "byte"), "at least " + LENGTH_BYTES);
        }
        FileBytes file = new FileBytes(path, channel);
        long length = file.read(0, LENGTH_BYTES).order(ByteOrder.LITTLE_ENDIAN).getLong();
        long most = Math.min(size - LENGTH_BYTES, MAX_LENGTH);
        if (length < 0 || length > most) {
            throw damaged(
                    path,
                    "announces a header of " + Long.toUnsignedString(length) + Counted.noun(length, " byte"),
                    "at most " + most + " in a file of " + size);
        }
        byte[] json = file.read(LENGTH_BYTES, (int) length).array();
        if (json.length == 0 || json[0] != '{') {
            throw damaged(path, "has a header that does not start with '{'", "a JSON object");
        }
        return new Parser(path, LENGTH_BYTES + length, size).parse(json);
    }

    private static IOException damaged(Path path, String what, String expected) {
        return refused(path, what, expected, CURE);
    }

    private static IOException refused(Path path, String what, String expected, String cure) {
        return new IOException(path + ": " + what + "; expected " + expected + "; " + cure);
    }

    /** Reads the JSON as a stream, because a tree of it would hide keys that occur twice. */
    private static final class Parser {

        private final Path path;
        private final long dataBegin;
        private final long dataEnd;

        Parser(Path path, long dataBegin, long dataEnd) {
            this.path = path;
            this.dataBegin = dataBegin;
            this.dataEnd = dataEnd;
        }

        Header parse(byte[] json) throws IOException {
            var decoder = StandardCharsets.UTF_8.newDecoder(); // reports malformed input
            try (JsonReader reader = new JsonReader(new InputStreamReader(new ByteArrayInputStream(json), decoder))) {
                return header(reader);
            } catch (Damage e) {
                throw e.in(path);
            } catch (IOException e) { // the JSON reader's own and the decoder's: nothing is read from disk here
                IOException damaged = damaged(path, "has a header that is not JSON in UTF-8", "a JSON object");
                damaged.initCause(e);
                throw damaged;
            }
        }

        private Header header(JsonReader reader) throws IOException {
            Map<String, TensorInfo> tensors = new LinkedHashMap<>();
            Map<String, String> metadata = null;
            reader.beginObject();
            while (reader.hasNext()) {
                String name = reader.nextName();
                if (name.equals(METADATA)) {
                    if (metadata != null) {
                        throw new Damage("has " + METADATA + " twice", "it at most once");
                    }
                    metadata = metadata(reader);
                } else if (name.length() > MAX_NAME) {
                    throw new Damage("has a tensor name of " + name.length() + " letters", "at most " + MAX_NAME);
                } else if (tensors.size() == MAX_TENSORS) {
                    throw new Damage("has more than " + MAX_TENSORS + " tensors", "fewer");
                } else if (tensors.put(name, tensor(reader, quote(name))) != null) {
                    throw new Damage("has the tensor " + quote(name) + " twice", "every name once");
                }
            }
            reader.endObject();
            if (reader.peek() != JsonToken.END_DOCUMENT) {
                throw new Damage("has text after the header's JSON object", "nothing but spaces");
            }
            return new Header(
                    inFileOrder(tensors), metadata == null ? ImmutableMap.of() : ImmutableMap.copyOf(metadata));
        }

        private static Map<String, String> metadata(JsonReader reader) throws IOException {
            Map<String, String> metadata = new LinkedHashMap<>();
            expect(reader, JsonToken.BEGIN_OBJECT, METADATA, "an object of strings");
            reader.beginObject();
            while (reader.hasNext()) {
                String key = reader.nextName();
                expect(reader, JsonToken.STRING, METADATA + " " + quote(key), "a string");
                if (metadata.put(key, reader.nextString()) != null) {
                    throw new Damage("has the " + METADATA + " key " + quote(key) + " twice", "every key once");
                }
            }
            reader.endObject();
            return metadata;
        }

        private TensorInfo tensor(JsonReader reader, String name) throws IOException {
            StoredType type = null;
            List<Long> shape = null;
            List<Long> offsets = null;
            Set<String> keys = new HashSet<>();
            expect(reader, JsonToken.BEGIN_OBJECT, name, "an object with dtype, shape and data_offsets");
            reader.beginObject();
            while (reader.hasNext()) {
                String key = reader.nextName();
                if (!keys.add(key)) {
                    throw new Damage("has the key " + quote(key) + " twice in tensor " + name, "every key once");
                }
                switch (key) {
                    case "dtype" -> type = type(reader, name);
                    case "shape" -> shape = wholeNumbers(reader, name + " shape", MAX_DIMENSIONS);
                    case "data_offsets" -> offsets = wholeNumbers(reader, name + " data_offsets", 2);
                    default -> reader.skipValue();
                }
            }
            reader.endObject();
            if (type == null || shape == null || offsets == null || offsets.size() != 2) {
                throw new Damage("has an incomplete tensor " + name, "dtype, shape and two data_offsets");
            }
            return tensor(name, type, shape, offsets.get(0), offsets.get(1));
        }

        private TensorInfo tensor(String name, StoredType type, List<Long> shape, long begin, long end) throws Damage {
            if (begin > end || end > dataEnd - dataBegin) {
                throw new Damage(
                        "has the tensor " + name + " at " + begin + " to " + end,
                        "a range within the file's " + Counted.of(dataEnd - dataBegin, "byte") + " of data");
            }
            if (bytes(name, type, shape) != end - begin) {
                throw new Damage(
                        "gives " + Counted.of(end - begin, "byte") + " to the tensor " + name,
                        bytes(name, type, shape) + " for " + type + " " + shape);
            }
            long[] dimensions = shape.stream().mapToLong(Long::longValue).toArray();
            return new TensorInfo(type, new Shape(dimensions), dataBegin + begin, dataBegin + end);
        }

        private static long bytes(String name, StoredType type, List<Long> shape) throws Damage {
            long bytes = type.bytes();
            boolean empty = false;
            try {
                for (long size : shape) {
                    empty |= size == 0;
                    bytes = Math.multiplyExact(bytes, Math.max(size, 1)); // strides must fit beside a 0 as well
                }
            } catch (ArithmeticException e) {
                throw new Damage("has the tensor " + name + " with shape " + shape, "fewer than 2^63 bytes");
            }
            return empty ? 0 : bytes;
        }

        private static StoredType type(JsonReader reader, String name) throws IOException {
            expect(reader, JsonToken.STRING, name + " dtype", "a string");
            String type = reader.nextString();
            for (StoredType known : StoredType.values()) {
                if (known.name().equals(type)) {
                    return known;
                }
            }
            throw new Damage(
                    "has the tensor " + name + " of type " + quote(type) + ", which is not supported",
                    "one of " + List.of(StoredType.values()),
                    "convert the file to one of these");
        }

        private static List<Long> wholeNumbers(JsonReader reader, String what, int most) throws IOException {
            List<Long> numbers = new ArrayList<>();
            expect(reader, JsonToken.BEGIN_ARRAY, what, "a list of whole numbers");
            reader.beginArray();
            while (reader.hasNext()) {
                expect(reader, JsonToken.NUMBER, what, "a list of whole numbers");
                if (numbers.size() == most) {
                    throw new Damage("has too many numbers in " + what, "at most " + most);
                }
                String number = reader.nextString();
                try {
                    numbers.add(Long.parseUnsignedLong(number));
                } catch (NumberFormatException e) {
                    throw new Damage("has " + quote(number) + " in " + what, "a whole number from 0 to 2^63 - 1");
                }
                if (numbers.get(numbers.size() - 1) < 0) {
                    throw new Damage("has " + number + " in " + what, "a whole number from 0 to 2^63 - 1");
                }
            }
            reader.endArray();
            return numbers;
        }

        private static void expect(JsonReader reader, JsonToken token, String what, String expected)
                throws IOException {
            if (reader.peek() != token) {
                throw new Damage("has " + what + " as " + reader.peek(), expected);
            }
        }

        /** Sorts by position and checks that the tensors' bytes follow one another from the first to the last. */
        private ImmutableMap<String, TensorInfo> inFileOrder(Map<String, TensorInfo> tensors) throws Damage {
            List<Map.Entry<String, TensorInfo>> sorted = new ArrayList<>(tensors.entrySet());
            sorted.sort(Map.Entry.comparingByValue(
                    Comparator.comparingLong(TensorInfo::begin).thenComparingLong(TensorInfo::end)));
            long position = dataBegin;
            for (var tensor : sorted) {
                if (tensor.getValue().begin() != position) {
                    throw new Damage(
                            "has the tensor " + quote(tensor.getKey()) + " start at "
                                    + (tensor.getValue().begin() - dataBegin) + " in the data",
                            (position - dataBegin) + ", where the one before it ends");
                }
                position = tensor.getValue().end();
            }
            if (position != dataEnd) {
                throw new Damage("has " + Counted.of(dataEnd - position, "byte") + " behind the last tensor", "none");
            }
            return ImmutableMap.copyOf(sorted);
        }
    }

    /** In quotes, and short enough for a message whatever a damaged header holds. */
    private static String quote(String text) {
        return '"' + Shown.text(text) + '"';
    }

    /** What is wrong with the header, before the file's name is put to it. */
    private static final class Damage extends IOException {

        private final String what;
        private final String expected;
        private final String cure;

        Damage(String what, String expected) {
            this(what, expected, CURE);
        }

        Damage(String what, String expected, String cure) {
            super(what);
            this.what = what;
            this.expected = expected;
            this.cure = cure;
        }

        IOException in(Path path) {
            return refused(path, what, expected, cure);
        }
    }
}
