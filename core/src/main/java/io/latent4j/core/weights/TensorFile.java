package io.latent4j.core.weights;

import static com.google.common.base.Preconditions.checkArgument;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.google.common.collect.ImmutableMap;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * A file of named tensors, open for reading, whatever its format: the places are known, the bytes are mapped piece by
 * piece while a tensor is read. Any number of threads may read at once.
 */
final class TensorFile implements AutoCloseable {

    /** Bytes mapped at a time: a multiple of every element size. */
    static final int WINDOW_BYTES = 16 << 20;

    private static final String LARGE_FILE_POINTER = "version https://git-lfs";

    private final Path path;
    private final FileChannel channel;
    private final Contents contents;
    private final int windowBytes;
    private final ReadWriteLock lock = new ReentrantReadWriteLock(); // readers share it, closing needs it alone

    /** What a file holds: all positions in it are checked. */
    record Contents(ImmutableMap<String, TensorInfo> tensors, ImmutableMap<String, String> metadata) {}

    /** Reads and checks all but the tensors' bytes. */
    interface Format {
        Contents read(Path path, FileChannel channel, long size) throws IOException;
    }

    private TensorFile(Path path, FileChannel channel, Contents contents, int windowBytes) {
        this.path = path;
        this.channel = channel;
        this.contents = contents;
        this.windowBytes = windowBytes;
    }

    /** Opens a safetensors file or a PyTorch archive, told apart by their first bytes; the caller closes it. */
    static TensorFile open(Path path) throws IOException {
        return open(path, "a safetensors file or a PyTorch archive", WINDOW_BYTES, TensorFile::anyFormat);
    }

    /** Opens a file of one format, {@code what}. */
    static TensorFile open(Path path, String what, int windowBytes, Format format) throws IOException {
        if (!Files.isRegularFile(path)) {
            throw new IOException(path + ": " + (Files.exists(path) ? "is not a file" : "does not exist")
                    + "; expected " + what + "; check the path");
        }
        FileChannel channel = FileChannel.open(path, StandardOpenOption.READ);
        try {
            return new TensorFile(path, channel, format.read(path, channel, channel.size()), windowBytes);
        } catch (IOException | RuntimeException | Error e) {
            channel.close();
            throw e;
        }
    }

    static Contents safeTensors(Path path, FileChannel channel, long size) throws IOException {
        Header header = Header.read(path, channel, size);
        return new Contents(header.tensors(), header.metadata());
    }

    private static Contents anyFormat(Path path, FileChannel channel, long size) throws IOException {
        ByteBuffer start = ByteBuffer.allocate((int) Math.min(size, LARGE_FILE_POINTER.length()));
        while (start.hasRemaining() && channel.read(start, start.position()) >= 0) {
            // until the first bytes are there
        }
        start.flip();
        if (new String(start.array(), 0, start.limit(), StandardCharsets.ISO_8859_1).equals(LARGE_FILE_POINTER)) {
            throw new IOException(path + ": is a Git LFS pointer of " + size
                    + " bytes; expected the weights it stands for; fetch them with git lfs pull, or download the file");
        }
        if (TorchArchive.isArchive(start)) {
            return TorchArchive.read(path, channel, size);
        }
        if (LegacyTorchFile.isLegacy(start)) {
            return LegacyTorchFile.read(path, channel, size);
        }
        return safeTensors(path, channel, size);
    }

    Path path() {
        return path;
    }

    /** The tensors by name. */
    Map<String, TensorInfo> tensors() {
        return contents.tensors();
    }

    /** Free text beside the tensors; empty if there is none. */
    Map<String, String> metadata() {
        return contents.metadata();
    }

    /** Reads one tensor in the data type that holds every stored value. */
    NDArray read(String name, NDManager manager) throws IOException {
        return read(name, manager, info(name).type().dataType());
    }

    /** Reads one tensor as a copy on the manager's device; the caller closes it. */
    NDArray read(String name, NDManager manager, DataType dataType) throws IOException {
        return read(info(name), manager, dataType);
    }

    /** Reads a tensor of this file or a view of one; see {@link SafeTensors#read(String, NDManager, DataType)}. */
    NDArray read(TensorInfo info, NDManager manager, DataType dataType) throws IOException {
        StoredType.of(dataType); // the engine's bindings end the process on a type they do not know
        lock.readLock().lock();
        try {
            if (!channel.isOpen()) {
                throw new IllegalStateException(path + ": is closed; expected it open; read before closing");
            }
            if (channel.size() < info.end()) {
                throw new IOException(path + ": became shorter after it was opened; expected at least " + info.end()
                        + " bytes; open it again when nothing writes to it");
            }
            NDArray tensor = manager.create(info.shape(), dataType);
            try {
                fill(tensor, info, manager);
                return tensor;
            } catch (IOException | RuntimeException | Error e) {
                tensor.close();
                throw e;
            }
        } finally {
            lock.readLock().unlock();
        }
    }

    private TensorInfo info(String name) {
        TensorInfo info = contents.tensors().get(name);
        checkArgument(
                info != null,
                "%s: has no tensor \"%s\"; expected one of its %s tensors; check the name",
                path,
                name,
                contents.tensors().size());
        return info;
    }

    /** Copies the tensor from its first to its last element, one window at a time. */
    private void fill(NDArray tensor, TensorInfo info, NDManager manager) throws IOException {
        StoredType type = info.type();
        if (info.isRowMajor()) {
            fill(
                    tensor,
                    info,
                    manager,
                    (from, count) -> Window.open(channel, type, info.begin() + from * type.bytes(), count));
            return;
        }
        long spread = info.end() - info.begin();
        if (spread > Integer.MAX_VALUE) {
            throw new IOException(path + ": has a tensor " + info.shape() + " scattered over " + spread
                    + " bytes; expected at most 2 GiB; write the file again with tensors made contiguous");
        }
        try (NativeMemory mapped = NativeMemory.map(channel, info.begin(), spread)) {
            ByteBuffer bytes = mapped.bytes().order(ByteOrder.nativeOrder());
            fill(tensor, info, manager, (from, count) -> Window.gather(bytes, info, from, count));
        }
    }

    private interface Windows {
        Window at(long from, int count) throws IOException;
    }

    private void fill(NDArray tensor, TensorInfo info, NDManager manager, Windows windows) throws IOException {
        int step = windowBytes / info.type().bytes();
        try (NDArray flat = tensor.reshape(-1)) {
            for (long from = 0; from < info.elements(); from += step) {
                int count = (int) Math.min(step, info.elements() - from);
                try (Window window = windows.at(from, count);
                        NDArray values = values(window, info.type(), count, manager)) {
                    flat.set(new NDIndex().addSliceDim(from, from + count), values);
                }
            }
        }
    }

    /** The window's elements as an array, which on the CPU is a view of them. */
    private static NDArray values(Window window, StoredType type, int count, NDManager manager) {
        if (type != StoredType.BOOL) {
            return manager.create(window.bytes(), new Shape(count), type.dataType());
        }
        try (NDArray bytes = manager.create(window.bytes(), new Shape(count), DataType.UINT8)) {
            return bytes.toType(DataType.BOOLEAN, true); // any byte but 0 is true, and becomes 1
        }
    }

    /**
     * Closes the file; arrays read from it stay. Closing again does nothing.
     *
     * @throws IllegalStateException if a tensor is being read; the file stays open then
     */
    @Override
    public void close() throws IOException {
        if (!lock.writeLock().tryLock()) {
            throw new IllegalStateException(
                    path + ": a tensor is being read; expected no reader; close when all reads have returned");
        }
        try {
            channel.close();
        } finally {
            lock.writeLock().unlock();
        }
    }

    @Override
    public String toString() {
        return path + " (" + contents.tensors().size() + " tensors)";
    }
}
