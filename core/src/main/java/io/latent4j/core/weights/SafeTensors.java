package io.latent4j.core.weights;

import static com.google.common.base.Preconditions.checkArgument;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * A safetensors file, open for reading.
 *
 * <p>Opening reads and checks the header only. A tensor's bytes are read piece by piece, so that loading a whole file takes
 * the memory of the arrays it makes and little more, whatever the size of the file. Any number of threads may read at
 * once. A file that is shortened while it is open gives an {@link IOException}.
 *
 * @see <a href="https://huggingface.co/docs/safetensors">the file format</a>
 */
public final class SafeTensors implements AutoCloseable {

    private final TensorFile file;

    private SafeTensors(TensorFile file) {
        this.file = file;
    }

    /**
     * Opens a file and checks its header; the caller closes it.
     *
     * @throws IOException if there is no such file, or it is not a whole safetensors file: names the file, what is wrong
     *     with it, what was expected and what to do
     */
    public static SafeTensors open(Path path) throws IOException {
        return open(path, TensorFile.WINDOW_BYTES);
    }

    static SafeTensors open(Path path, int windowBytes) throws IOException {
        return new SafeTensors(TensorFile.open(path, "a safetensors file", windowBytes, TensorFile::safeTensors));
    }

    /**
     * Writes tensors to a file, each in its own data type.
     *
     * @see #write(Path, Map, Map, StoredType)
     */
    public static void write(Path path, Map<String, NDArray> tensors, Map<String, String> metadata) throws IOException {
        write(path, tensors, metadata, type -> type);
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
        checkArgument(
                floating.isFloating() && floating == floating.written(),
                "the type is %s; expected F64, F32, F16 or BF16",
                floating);
        write(path, tensors, metadata, type -> type.isFloating() ? floating : type);
    }

    private static void write(
            Path path, Map<String, NDArray> tensors, Map<String, String> metadata, UnaryOperator<StoredType> stored)
            throws IOException {
        Map<String, TensorSource> sources = new LinkedHashMap<>();
        tensors.forEach((name, array) -> sources.put(name, source(path, name, array, stored)));
        try (NDManager manager = NDManager.newBaseManager()) {
            write(path, sources, metadata, manager);
        }
    }

    private static TensorSource source(Path path, String name, NDArray array, UnaryOperator<StoredType> stored) {
        try {
            return new TensorSource(array.getShape(), stored.apply(StoredType.of(array.getDataType())), own -> array);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(path + ": tensor \"" + name + "\": " + e.getMessage(), e);
        }
    }

    /**
     * Writes tensors to a file, each of which is made when it is its turn, so that one is in memory at a time; otherwise as
     * {@link #write(Path, Map, Map, StoredType)}.
     *
     * @param manager each tensor is made on a manager below it
     */
    public static void write(
            Path path, Map<String, TensorSource> tensors, Map<String, String> metadata, NDManager manager)
            throws IOException {
        new SafeTensorsWriter(path, tensors, metadata, manager).write();
    }

    /** The file this reads. */
    public Path path() {
        return file.path();
    }

    /** The tensors by name, in the order of their bytes in the file. */
    public Map<String, TensorInfo> tensors() {
        return file.tensors();
    }

    /** The free text in the header; empty if it has none. */
    public Map<String, String> metadata() {
        return file.metadata();
    }

    /**
     * Reads one tensor in the data type that holds every stored value: see {@link StoredType#dataType()}.
     *
     * @see #read(String, NDManager, DataType)
     */
    public NDArray read(String name, NDManager manager) throws IOException {
        return file.read(name, manager);
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
        return file.read(name, manager, dataType);
    }

    /**
     * Closes the file; arrays read from it stay. Closing again does nothing.
     *
     * @throws IllegalStateException if a tensor is being read; the file stays open then
     */
    @Override
    public void close() throws IOException {
        file.close();
    }

    @Override
    public String toString() {
        return file.toString();
    }
}
