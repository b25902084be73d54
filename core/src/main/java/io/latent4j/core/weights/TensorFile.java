package io.latent4j.core.weights;

import static com.google.common.base.Preconditions.checkArgument;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.google.common.collect.ImmutableMap;
import io.latent4j.core.config.Counted;
import io.latent4j.core.config.TextFile;
import io.latent4j.core.ops.Ops;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * A file of named tensors, open for reading, whatever its format: the places are known, the bytes are read piece by piece
 * into memory of our own or the engine's. Nothing is mapped, so a file that another program cuts short is an {@link
 * IOException} and not the end of the process. Any number of threads may read at once.
 */
final class TensorFile implements AutoCloseable {

    /** Bytes of a window: a multiple of every element size, and few enough to stay in a processor's cache. */
    static final int WINDOW_BYTES = 4 << 20;

    private static final int READ_BYTES = 64 << 20; // so that an interrupt does not wait for a whole tensor

    private static final String LARGE_FILE_POINTER = "version https://git-lfs";

    private final Path path;
    private final FileChannel channel;
    private final FileBytes file;
    private final Contents contents;
    private final boolean scaled;
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
        this.file = new FileBytes(path, channel);
        this.contents = contents;
        this.scaled = contents.tensors().keySet().stream().anyMatch(TensorFile::isScale);
        this.windowBytes = windowBytes;
    }

    /** Opens a safetensors file or a PyTorch archive, told apart by their first bytes; the caller closes it. */
    static TensorFile open(Path path) throws IOException {
        return open(path, "a safetensors file or a PyTorch archive", WINDOW_BYTES, TensorFile::anyFormat);
    }

    /** Opens a file of one format, {@code what}. */
    static TensorFile open(Path path, String what, int windowBytes, Format format) throws IOException {
        TextFile.requireRegular(path, what);
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
            throw new IOException(path + ": is a Git LFS pointer of " + Counted.of(size, "byte")
                    + "; expected the weights it stands for; fetch them with git lfs pull, or download the file");
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
            file.checkReaches(info.end());
            refuseScaled(info);
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

    /** Names that stand beside float8 weights which are a product with a scale. */
    private static boolean isScale(String name) {
        return name.endsWith("scaled_fp8")
                || name.endsWith(".scale_weight")
                || name.endsWith(".weight_scale")
                || name.endsWith(".comfy_quant");
    }

    private void refuseScaled(TensorInfo info) throws IOException {
        if (scaled && info.type().isFloat8()) {
            throw new IOException(path + ": has float8 weights with scales beside them, which are not supported;"
                    + " expected plain float8, or wider types; use such a file of the model");
        }
    }

    private TensorInfo info(String name) {
        TensorInfo info = contents.tensors().get(name);
        checkArgument(
                info != null,
                "%s: has no tensor \"%s\"; expected one of those in it (%s); check the name",
                path,
                name,
                Counted.of(contents.tensors().size(), "tensor"));
        return info;
    }

    private void fill(NDArray tensor, TensorInfo info, NDManager manager) throws IOException {
        if (info.elements() == 0) {
            return;
        }
        if (!info.isRowMajor()) {
            fillScattered(tensor, info, manager);
        } else if (isStoredAs(tensor, info)) {
            fillInPlace(tensor, info);
        } else {
            StoredType type = info.type();
            fill(
                    tensor,
                    info,
                    manager,
                    (window, from, count) -> window.read(file, info.begin() + from * type.bytes(), count));
        }
    }

    /** Whether the tensor's memory can be read into as it is: on the CPU, of the stored type, and one buffer reaches. */
    private static boolean isStoredAs(NDArray tensor, TensorInfo info) {
        StoredType type = info.type();
        return !type.isWidened()
                && type != StoredType.BOOL // any byte but 0 is true, and becomes 1
                && tensor.getDataType() == type.dataType()
                && tensor.getDevice().equals(Device.cpu())
                && info.bytes() <= Integer.MAX_VALUE;
    }

    /** Reads into the engine's own memory: nothing is copied. */
    private void fillInPlace(NDArray tensor, TensorInfo info) throws IOException {
        ByteBuffer memory = tensor.toByteBuffer(true);
        for (long from = 0; from < info.bytes(); from += READ_BYTES) {
            int count = (int) Math.min(READ_BYTES, info.bytes() - from);
            file.read(
                    info.begin() + from, memory.duplicate().position((int) from).limit((int) from + count));
        }
    }

    private void fillScattered(NDArray tensor, TensorInfo info, NDManager manager) throws IOException {
        long spread = info.end() - info.begin();
        if (spread > Integer.MAX_VALUE) {
            throw new IOException(path + ": has a tensor " + info.shape() + " scattered over " + spread
                    + " bytes; expected at most 2 GiB; write the file again with tensors made contiguous");
        }
        try (NativeMemory all = NativeMemory.allocate((int) spread)) {
            file.read(info.begin(), all.bytes().duplicate());
            fill(tensor, info, manager, (window, from, count) -> window.gather(all.bytes(), info, from, count));
        }
    }

    private interface Elements {
        ByteBuffer read(Window window, long from, int count) throws IOException;
    }

    /** Copies the tensor from its first to its last element, one window at a time. */
    private void fill(NDArray tensor, TensorInfo info, NDManager manager, Elements elements) throws IOException {
        StoredType type = info.type();
        int step = (int) Math.min(windowBytes / type.dataType().getNumOfBytes(), info.elements());
        try (Window window = Window.allocate(type, step);
                NDArray flat = tensor.reshape(-1)) {
            for (long from = 0; from < info.elements(); from += step) {
                int count = (int) Math.min(step, info.elements() - from);
                ByteBuffer read = elements.read(window, from, count);
                try (NDArray values = values(read, type, count, manager)) {
                    flat.set(new NDIndex().addSliceDim(from, from + count), values);
                }
            }
        }
    }

    /** The elements as an array, which on the CPU is a view of them. */
    private static NDArray values(ByteBuffer elements, StoredType type, int count, NDManager manager) {
        if (type != StoredType.BOOL) {
            return manager.create(elements, new Shape(count), type.dataType());
        }
        try (NDArray bytes = manager.create(elements, new Shape(count), DataType.UINT8)) {
            return Ops.cast(bytes, DataType.BOOLEAN); // any byte but 0 is true, and becomes 1
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
        return path + " (" + Counted.of(contents.tensors().size(), "tensor") + ")";
    }
}
