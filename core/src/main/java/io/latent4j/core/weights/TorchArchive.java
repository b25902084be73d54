package io.latent4j.core.weights;

import io.latent4j.core.config.Shown;
import io.latent4j.core.weights.ZipDirectory.Range;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * The archive that {@code torch.save} writes since PyTorch 1.6: a zip with one folder of {@code data.pkl}, the pickle, and
 * {@code data/<key>}, the storages.
 */
final class TorchArchive {

    /** A model of a billion weights in a thousand tensors has a pickle of a few hundred kilobytes. */
    static final int MAX_PICKLE_BYTES = 32 << 20;

    private static final String PICKLE = "/data.pkl";

    private TorchArchive() {}

    /** Whether a file that starts so is a zip. */
    static boolean isArchive(ByteBuffer start) {
        return start.limit() >= 4
                && start.get(0) == 'P'
                && start.get(1) == 'K'
                && start.get(2) == 3
                && start.get(3) == 4;
    }

    static TensorFile.Contents read(Path path, FileChannel channel, long size) throws IOException {
        Map<String, Range> entries = ZipDirectory.read(path, channel, size);
        List<String> pickles = entries.keySet().stream()
                .filter(name -> name.endsWith(PICKLE) && name.indexOf('/') == name.length() - PICKLE.length())
                .toList();
        if (pickles.size() != 1) {
            throw bad(path, "has " + pickles.size() + " entries <name>" + PICKLE, "one, as torch.save writes");
        }
        String folder = pickles.get(0).substring(0, pickles.get(0).length() - PICKLE.length());
        if (entries.containsKey(folder + "/constants.pkl")) {
            throw bad(path, "is a TorchScript program", "weights alone");
        }
        checkByteOrder(path, channel, entries.get(folder + "/byteorder"));
        Object root = new Unpickler(path, bytes(path, channel, entries.get(pickles.get(0)))).read();
        return TorchContents.of(path, size, root, key -> {
            Range range = entries.get(folder + "/data/" + key);
            if (range == null) {
                throw bad(
                        path,
                        "has no entry " + Shown.text(folder + "/data/" + key),
                        "the storages that its pickle names");
            }
            return range;
        });
    }

    /** Older archives do not say it; {@code range} is null then. */
    private static void checkByteOrder(Path path, FileChannel channel, Range range) throws IOException {
        if (range != null) {
            String order = StandardCharsets.US_ASCII
                    .decode(bytes(path, channel, range))
                    .toString();
            if (!order.equals("little")) {
                throw bad(path, "is of byte order \"" + Shown.text(order) + "\"", "little");
            }
        }
    }

    private static ByteBuffer bytes(Path path, FileChannel channel, Range range) throws IOException {
        if (range.bytes() > MAX_PICKLE_BYTES) {
            throw bad(path, "has a pickle of " + range.bytes() + " bytes", "at most " + MAX_PICKLE_BYTES);
        }
        return bytes(path, channel, range.begin(), (int) range.bytes());
    }

    static ByteBuffer bytes(Path path, FileChannel channel, long position, int length) throws IOException {
        return new FileBytes(path, channel).read(position, length);
    }

    static IOException bad(Path path, String what, String expected) {
        return new IOException(path + ": " + what + "; expected " + expected
                + "; the file is damaged or no PyTorch archive of weights: fetch it again, or as safetensors");
    }
}
