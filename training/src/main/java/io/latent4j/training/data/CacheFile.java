package io.latent4j.training.data;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.google.common.collect.ImmutableMap;
import com.google.common.hash.Hashing;
import io.latent4j.core.config.Counted;
import io.latent4j.core.config.Shown;
import io.latent4j.core.weights.SafeTensors;
import io.latent4j.core.weights.StoredType;
import io.latent4j.core.weights.TensorInfo;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/**
 * One file of an {@link ArrayCache}: for each shape that occurs a tensor of all arrays of that shape, (count, …), and under
 * the tensor's name in the header's text their keys in order, a line each, after a CRC-32C of key and stored bytes.
 */
final class CacheFile implements AutoCloseable {
    private static final String FORMAT_KEY = "format";
    private static final String FORMAT = "latent4j.array-cache.1";
    private static final int CRC_DIGITS = 8;

    private final Path path;
    private final RandomAccessFile file; // a channel would be closed by an interrupt of one of its readers
    private final ImmutableMap<String, Place> places;

    /** Where an array is. */
    record Place(CacheFile in, String key, StoredType type, Shape shape, long position, String crc) {
        CachedArray read() throws IOException {
            return in.read(this);
        }
    }

    private CacheFile(Path path, SafeTensors tensors, RandomAccessFile file) throws IOException {
        this.path = path;
        this.file = file;
        this.places = places(tensors);
    }

    /**
     * Opens a file and reads its keys; the caller closes it.
     *
     * @throws IOException if it is damaged
     */
    static CacheFile open(Path path) throws IOException {
        try (SafeTensors tensors = SafeTensors.open(path)) {
            RandomAccessFile file = new RandomAccessFile(path.toFile(), "r");
            try {
                return new CacheFile(path, tensors, file);
            } catch (IOException | RuntimeException e) {
                file.close();
                throw e;
            }
        }
    }

    private ImmutableMap<String, Place> places(SafeTensors tensors) throws IOException {
        if (!FORMAT.equals(tensors.metadata().get(FORMAT_KEY))) {
            throw new IOException(path + ": is not a cache of arrays; expected " + FORMAT);
        }
        Map<String, Place> found = new HashMap<>();
        for (Map.Entry<String, TensorInfo> entry : tensors.tensors().entrySet()) {
            TensorInfo info = entry.getValue();
            List<String> lines =
                    tensors.metadata().getOrDefault(entry.getKey(), "").lines().toList();
            if (info.shape().dimension() == 0 || info.shape().get(0) != lines.size()) {
                throw new IOException(path + ": has " + Counted.of(lines.size(), "key") + " for tensor "
                        + Shown.text(entry.getKey()) + " of shape " + info.shape() + "; expected one an array");
            }
            checkType(entry.getKey(), info);
            long bytes = lines.isEmpty() ? 0 : info.bytes() / lines.size();
            for (int i = 0; i < lines.size(); i++) {
                String line = lines.get(i);
                if (line.length() <= CRC_DIGITS + 1) {
                    throw new IOException(path + ": has a key that is cut off");
                }
                String key = line.substring(CRC_DIGITS + 1);
                String crc = line.substring(0, CRC_DIGITS);
                Shape shape = info.shape().slice(1);
                found.put(key, new Place(this, key, info.type(), shape, info.begin() + i * bytes, crc));
            }
        }
        return ImmutableMap.copyOf(found);
    }

    private void checkType(String name, TensorInfo info) throws IOException {
        boolean known = info.type() == StoredType.F16 || info.type() == StoredType.F32;
        if (!known || info.bytes() > Integer.MAX_VALUE) {
            throw new IOException(path + ": has tensor " + Shown.text(name) + " of " + info.bytes() + " bytes in "
                    + info.type() + "; expected less than 2 GiB in F16 or F32");
        }
    }

    /** The arrays by key. */
    Map<String, Place> places() {
        return places;
    }

    private CachedArray read(Place place) throws IOException {
        byte[] bytes =
                new byte[Math.toIntExact(place.shape().size() * place.type().bytes())];
        synchronized (file) {
            file.seek(place.position());
            file.readFully(bytes);
        }
        if (!crc(place.key(), bytes).equals(place.crc())) {
            throw new IOException(path + ": an array is damaged");
        }
        ByteBuffer stored = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        float[] values = new float[Math.toIntExact(place.shape().size())];
        for (int i = 0; i < values.length; i++) {
            values[i] = place.type() == StoredType.F16 ? Half.value(stored.getShort()) : stored.getFloat();
        }
        return new CachedArray(place.shape(), values);
    }

    private static String crc(String key, byte[] bytes) {
        return Hashing.crc32c()
                .newHasher()
                .putString(key, StandardCharsets.UTF_8)
                .putBytes(bytes)
                .hash()
                .toString();
    }

    /**
     * Writes a file, whole or not at all.
     *
     * @param type F16 or F32
     */
    static void write(Path path, Map<String, CachedArray> arrays, StoredType type) throws IOException {
        Map<Shape, List<String>> keysByShape = arrays.keySet().stream()
                .collect(
                        Collectors.groupingBy(key -> arrays.get(key).shape(), LinkedHashMap::new, Collectors.toList()));
        Map<String, NDArray> tensors = new LinkedHashMap<>();
        Map<String, String> texts = new HashMap<>();
        texts.put(FORMAT_KEY, FORMAT);
        try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
            for (Map.Entry<Shape, List<String>> group : keysByShape.entrySet()) {
                Shape shape = group.getKey();
                List<String> keys = group.getValue();
                int bytes = Math.toIntExact(shape.size() * type.bytes());
                ByteBuffer all = ByteBuffer.allocateDirect(bytes * keys.size()).order(ByteOrder.LITTLE_ENDIAN);
                StringBuilder lines = new StringBuilder();
                for (String key : keys) {
                    byte[] stored = stored(arrays.get(key).values(), type);
                    all.put(stored);
                    lines.append(crc(key, stored)).append(' ').append(key).append('\n');
                }
                String name = name(shape);
                texts.put(name, lines.toString());
                DataType dataType = type == StoredType.F16 ? DataType.FLOAT16 : DataType.FLOAT32;
                tensors.put(name, manager.create(all.flip(), new Shape(keys.size()).addAll(shape), dataType));
            }
            SafeTensors.write(path, tensors, texts);
        }
    }

    private static byte[] stored(float[] values, StoredType type) {
        ByteBuffer bytes = ByteBuffer.allocate(values.length * type.bytes()).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : values) {
            if (type == StoredType.F16) {
                bytes.putShort(Half.bits(value));
            } else {
                bytes.putFloat(value);
            }
        }
        return bytes.array();
    }

    /** {@code arrays_4x16x16} for instance. */
    private static String name(Shape shape) {
        return LongStream.of(shape.getShape()).mapToObj(Long::toString).collect(Collectors.joining("x", "arrays_", ""));
    }

    @Override
    public void close() throws IOException {
        file.close();
    }

    @Override
    public String toString() {
        return path + " (" + Counted.of(places.size(), "array") + ")";
    }
}
