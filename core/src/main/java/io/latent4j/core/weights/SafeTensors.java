package io.latent4j.core.weights;

import static com.google.common.base.Preconditions.checkArgument;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * A safetensors file, open for reading.
 *
 * <p>Opening reads and checks the header only. A tensor's bytes are mapped piece by piece while it is read and unmapped
 * again, so that loading a whole file takes the memory of the arrays it makes and little more, whatever the size of the
 * file. Any number of threads may read at once. A file must not be shortened while it is open.
 *
 * @see <a href="https://huggingface.co/docs/safetensors">the file format</a>
 */
public final class SafeTensors implements AutoCloseable {

    /** Bytes mapped at a time: a multiple of every element size. */
    private static final int WINDOW_BYTES = 16 << 20;

    private final Path path;
    private final FileChannel channel;
    private final Header header;
    private final int windowBytes;
    private final ReadWriteLock lock = new ReentrantReadWriteLock(); // readers share it, closing needs it alone

    private SafeTensors(Path path, FileChannel channel, Header header, int windowBytes) {
        this.path = path;
        this.channel = channel;
        this.header = header;
        this.windowBytes = windowBytes;
    }

    /**
     * Opens a file and checks its header; the caller closes it.
     *
     * @throws IOException if there is no such file, or it is not a whole safetensors file: names the file, what is wrong
     *     with it, what was expected and what to do
     */
    public static SafeTensors open(Path path) throws IOException {
        return open(path, WINDOW_BYTES);
    }

    static SafeTensors open(Path path, int windowBytes) throws IOException {
        if (!Files.isRegularFile(path)) {
            throw new IOException(path + ": " + (Files.exists(path) ? "is not a file" : "does not exist")
                    + "; expected a safetensors file; check the path");
        }
        FileChannel channel = FileChannel.open(path, StandardOpenOption.READ);
        try {
            return new SafeTensors(path, channel, Header.read(path, channel, channel.size()), windowBytes);
        } catch (IOException | RuntimeException | Error e) {
            channel.close();
            throw e;
        }
    }

    /**
     * Writes tensors to a file, each in its own data type.
     *
     * @see #write(Path, Map, Map, StoredType)
     */
    public static void write(Path path, Map<String, NDArray> tensors, Map<String, String> metadata) throws IOException {
        new SafeTensorsWriter(path, tensors, metadata, null).write();
    }

    /**
     * Writes tensors to a file, those of floating-point type as {@code floating} and the others in their own data type.
     *
     * <p>The file appears whole or not at all: it is written beside its place under another name, forced to disk and
     * moved there, over a file that was there before. The same tensors give the same bytes, whatever the map's order.
     *
     * @param tensors by name; they stay the caller's
     * @param metadata free text for the header; may be empty
     * @param floating F64, F32, F16 or BF16
     * @throws IllegalArgumentException if a tensor's data type or name cannot be stored; nothing is written then
     * @throws IOException if writing fails; a file that was at {@code path} before is as it was
     */
    public static void write(Path path, Map<String, NDArray> tensors, Map<String, String> metadata, StoredType floating)
            throws IOException {
        checkArgument(floating.isFloating(), "the type is %s; expected F64, F32, F16 or BF16", floating);
        new SafeTensorsWriter(path, tensors, metadata, floating).write();
    }

    /** The file this reads. */
    public Path path() {
        return path;
    }

    /** The tensors by name, in the order of their bytes in the file. */
    public Map<String, TensorInfo> tensors() {
        return header.tensors();
    }

    /** The free text in the header; empty if it has none. */
    public Map<String, String> metadata() {
        return header.metadata();
    }

    /**
     * Reads one tensor in the data type that holds every stored value: see {@link StoredType#dataType()}.
     *
     * @see #read(String, NDManager, DataType)
     */
    public NDArray read(String name, NDManager manager) throws IOException {
        return read(name, manager, info(name).type().dataType());
    }

    /**
     * Reads one tensor.
     *
     * @param manager owns the array, which lies on its device
     * @param dataType the array's type, converted to where the file has another one
     * @return a copy in engine memory that does not depend on the file any more; the caller closes it
     * @throws IllegalArgumentException if there is no such tensor or the engine cannot hold {@code dataType}
     * @throws IllegalStateException if this is closed
     * @throws IOException if the bytes cannot be read, or the thread is interrupted, which also closes the file
     */
    public NDArray read(String name, NDManager manager, DataType dataType) throws IOException {
        TensorInfo info = info(name);
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
        TensorInfo info = header.tensors().get(name);
        checkArgument(
                info != null,
                "%s: has no tensor \"%s\"; expected one of its %s tensors; check the name",
                path,
                name,
                header.tensors().size());
        return info;
    }

    /** Copies the tensor from its first to its last element, one window at a time. */
    private void fill(NDArray tensor, TensorInfo info, NDManager manager) throws IOException {
        StoredType type = info.type();
        int step = windowBytes / type.bytes();
        try (NDArray flat = tensor.reshape(-1)) {
            for (long from = 0; from < info.elements(); from += step) {
                int count = (int) Math.min(step, info.elements() - from);
                long position = info.begin() + from * type.bytes();
                try (Window window = Window.open(channel, type, position, count);
                        NDArray values = values(window, type, count, manager)) {
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
        return path + " (" + header.tensors().size() + " tensors)";
    }
}
