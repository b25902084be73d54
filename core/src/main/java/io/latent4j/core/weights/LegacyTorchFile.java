package io.latent4j.core.weights;

import io.latent4j.core.config.Counted;
import io.latent4j.core.config.Shown;
import io.latent4j.core.weights.Pickled.Items;
import io.latent4j.core.weights.Pickled.Storage;
import io.latent4j.core.weights.ZipDirectory.Range;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * The file that {@code torch.save} wrote before PyTorch 1.6: the pickles of a magic number, the protocol's version, facts
 * about the system, the tensors and the list of storage keys; then for each key the number of its elements, 8 bytes, and
 * the elements.
 *
 * <p>Limitations: storages that are views of others, which PyTorch wrote until 0.4, are refused.
 */
final class LegacyTorchFile {

    /** A pickle in protocol 2 of the number 0x1950a86a20f9469cfc6c. */
    private static final byte[] MAGIC = {
        (byte) 0x80,
        2,
        (byte) 0x8a,
        10,
        0x6c,
        (byte) 0xfc,
        (byte) 0x9c,
        0x46,
        (byte) 0xf9,
        0x20,
        0x6a,
        (byte) 0xa8,
        0x50,
        0x19,
        '.'
    };

    private static final long VERSION = 1001;

    private LegacyTorchFile() {}

    /** Whether a file that starts so is of this format. */
    static boolean isLegacy(ByteBuffer start) {
        return start.limit() >= MAGIC.length && ByteBuffer.wrap(MAGIC).equals(start.slice(0, MAGIC.length));
    }

    static TensorFile.Contents read(Path path, FileChannel channel, long size) throws IOException {
        int length = (int) Math.min(size, TorchArchive.MAX_PICKLE_BYTES);
        ByteBuffer start = TorchArchive.bytes(path, channel, 0, length).position(MAGIC.length);
        Unpickler pickles = new Unpickler(path, start);
        Object version = pickles.read();
        if (!version.equals(VERSION)) {
            throw TorchArchive.bad(path, "is of another version of the format", "version " + VERSION);
        }
        pickles.read(); // the byte order and the sizes of C's types on the machine that wrote it, always little-endian
        Object root = pickles.read();
        Map<String, Storage> storages = pickles.storages();
        Object keys = pickles.read();
        if (!(keys instanceof Items items)) {
            throw TorchArchive.bad(path, "has no list of storages", "one after the tensors");
        }
        Map<String, Range> ranges = ranges(path, channel, size, start.position(), items, storages);
        return TorchContents.of(path, size, root, key -> {
            Range range = ranges.get(key);
            if (range == null) {
                throw TorchArchive.bad(path, "has no storage " + Shown.text(key), "those that its pickle names");
            }
            return range;
        });
    }

    private static Map<String, Range> ranges(
            Path path, FileChannel channel, long size, long from, Items keys, Map<String, Storage> storages)
            throws IOException {
        Map<String, Range> ranges = new HashMap<>();
        long position = from;
        for (Object key : keys.items()) {
            if (!(key instanceof String name) || !storages.containsKey(name)) {
                throw TorchArchive.bad(path, "lists a storage that no tensor has", "those of its tensors");
            }
            int bytes = storages.get(name).type().map(StoredType::bytes).orElse(1);
            long elements = TorchArchive.bytes(path, channel, position, Long.BYTES)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .getLong();
            position += Long.BYTES;
            if (elements < 0 || elements > (size - position) / bytes) {
                throw TorchArchive.bad(
                        path,
                        "gives storage " + Shown.text(name) + " " + Counted.of(elements, "element"),
                        "them within its " + Counted.of(size, "byte"));
            }
            if (ranges.put(name, new Range(position, position + elements * bytes)) != null) {
                throw TorchArchive.bad(path, "lists storage " + Shown.text(name) + " twice", "each once");
            }
            position += elements * bytes;
        }
        return ranges;
    }
}
