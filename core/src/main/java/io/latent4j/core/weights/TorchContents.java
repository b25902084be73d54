package io.latent4j.core.weights;

import ai.djl.ndarray.types.Shape;
import com.google.common.collect.ImmutableMap;
import com.google.common.primitives.ImmutableLongArray;
import io.latent4j.core.config.Counted;
import io.latent4j.core.config.Shown;
import io.latent4j.core.weights.Pickled.Dict;
import io.latent4j.core.weights.Pickled.Instance;
import io.latent4j.core.weights.Pickled.Storage;
import io.latent4j.core.weights.Pickled.Tensor;
import io.latent4j.core.weights.ZipDirectory.Range;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Finds the named tensors in what a pickle became, and their places in the file.
 *
 * <p>Names of nested dictionaries are joined by dots. Where there is a dictionary {@code state_dict}, as in a trainer's
 * checkpoint, its tensors are the file's and all others are left aside. Text and numbers beside the tensors are the
 * metadata.
 */
final class TorchContents {

    private static final String STATE = "state_dict";
    private static final int MAX_DEPTH = 16;
    private static final int MAX_VALUES = 1_000_000;
    private static final int MAX_DIMENSIONS = 64;
    private static final int MAX_LETTERS = 16 << 20; // of all names, which the prefixes of nested ones multiply
    private static final int MAX_NAME = 2_000;

    /** Tensors may share a storage, as tied weights do; what they become is bounded by the file, or by this. */
    private static final int MAX_SHARING = 4;

    private static final long SMALL = 64 << 20;

    private final Path path;
    private final long mostBytes;
    private final Storages storages;
    private final Map<String, TensorInfo> tensors = new LinkedHashMap<>();
    private final Map<String, String> metadata = new LinkedHashMap<>();
    private int values;
    private long letters;
    private long bytes;

    /** Answers where the bytes of a storage are. */
    interface Storages {
        /** Throws if the file has no such storage. */
        Range range(String key) throws IOException;
    }

    private TorchContents(Path path, long size, Storages storages) {
        this.path = path;
        this.mostBytes = Math.max(SMALL, MAX_SHARING * size);
        this.storages = storages;
    }

    /** @param size bytes of the file */
    static TensorFile.Contents of(Path path, long size, Object root, Storages storages) throws IOException {
        TorchContents contents = new TorchContents(path, size, storages);
        contents.collect(root);
        return new TensorFile.Contents(ImmutableMap.copyOf(contents.tensors), ImmutableMap.copyOf(contents.metadata));
    }

    private void collect(Object root) throws IOException {
        if (!(root instanceof Dict dict)) {
            throw bad("holds no dictionary", "tensors by name");
        }
        if (dict.entries().get(STATE) instanceof Dict state) {
            for (var entry : dict.entries().entrySet()) {
                if (!(entry.getValue() instanceof Pickled)) {
                    count(1, entry.getKey());
                    metadata.put(entry.getKey(), entry.getValue().toString());
                }
            }
            collect("", state, 0);
        } else {
            collect("", dict, 0);
        }
        if (tensors.isEmpty()) {
            throw bad("holds no tensors", "tensors by name");
        }
    }

    private void collect(String prefix, Dict dict, int depth) throws IOException {
        if (depth > MAX_DEPTH) {
            throw bad("nests dictionaries more than " + MAX_DEPTH + " deep", "fewer");
        }
        for (var entry : dict.entries().entrySet()) {
            String name = prefix + entry.getKey();
            count(1, name);
            Object value = entry.getValue();
            if (value instanceof Tensor tensor) {
                if (tensors.put(name, info(name, tensor)) != null) {
                    throw bad("holds " + quote(name) + " twice", "every name once");
                }
            } else if (value instanceof Dict nested) {
                collect(name + ".", nested, depth + 1);
            } else if (value instanceof Instance instance
                    && instance.type().equals(PickledNames.PARAMETER_DICT)
                    && instance.state().isPresent()) {
                collect(name + ".", parameters(instance.state().get()), depth + 1);
            } else if (!(value instanceof Pickled)) {
                metadata.put(name, value.toString());
            }
        }
    }

    private void count(int more, String name) throws IOException {
        values += more;
        letters += name.length();
        if (values > MAX_VALUES) {
            throw bad("holds more than " + MAX_VALUES + " values", "fewer");
        }
        if (name.length() > MAX_NAME || letters > MAX_LETTERS) {
            throw bad(
                    "has names of " + letters + " letters up to " + quote(name),
                    "at most " + MAX_NAME + " of one and " + MAX_LETTERS + " of all");
        }
    }

    /** A dictionary of parameters keeps them in its state's {@code _parameters}, or since PyTorch 1.12 in the state. */
    private Dict parameters(Dict state) throws IOException {
        Dict parameters = new Dict();
        count(state.entries().size(), "");
        if (state.entries().get("_parameters") instanceof Dict own) {
            count(own.entries().size(), "");
            own.entries().forEach(parameters::put);
        }
        state.entries().forEach((name, value) -> {
            if (value instanceof Tensor) {
                parameters.put(name, value);
            }
        });
        return parameters;
    }

    private TensorInfo info(String name, Tensor tensor) throws IOException {
        Range range = storages.range(tensor.storage().key());
        checkStorage(name, tensor.storage(), range);
        long room = range.bytes() / tensor.type().bytes();
        if (tensor.shape().size() != tensor.strides().size() || tensor.shape().size() > MAX_DIMENSIONS) {
            throw bad(
                    "gives " + quote(name) + " " + Counted.of(tensor.shape().size(), "size") + " and "
                            + Counted.of(tensor.strides().size(), "stride"),
                    "as many of both, at most " + MAX_DIMENSIONS);
        }
        long[] shape = numbers(name, tensor.shape());
        long[] strides = numbers(name, tensor.strides());
        long elements = 1;
        long reach = tensor.offset();
        boolean empty = false;
        try {
            for (int i = 0; i < shape.length; i++) {
                empty |= shape[i] == 0;
                elements = Math.multiplyExact(elements, Math.max(shape[i], 1));
                reach = Math.addExact(reach, Math.multiplyExact(Math.max(shape[i], 1) - 1, strides[i]));
            }
        } catch (ArithmeticException e) {
            throw bad("gives " + quote(name) + " more elements than can be counted", "those of its storage");
        }
        boolean inside = tensor.offset() >= 0 && (empty ? tensor.offset() <= room : reach < room && elements <= room);
        if (!inside) {
            throw bad(
                    "has " + quote(name) + " reach element " + reach + " with " + Counted.of(elements, "element")
                            + " from " + tensor.offset(),
                    "them among the " + room + " of its storage, each at most once");
        }
        bytes += empty ? 0 : elements * tensor.type().bytes(); // within the room of its storage, so it cannot overflow
        if (bytes > mostBytes) {
            throw bad(
                    "has tensors of more than " + mostBytes + " bytes up to " + quote(name),
                    "at most " + MAX_SHARING + " times the file's, or " + SMALL);
        }
        long begin = range.begin() + tensor.offset() * tensor.type().bytes();
        return TensorInfo.strided(tensor.type(), new Shape(shape), ImmutableLongArray.copyOf(strides), begin);
    }

    private void checkStorage(String name, Storage storage, Range range) throws IOException {
        long bytes = storage.type().map(StoredType::bytes).orElse(1);
        if (storage.elements() < 0
                || storage.elements() > range.bytes() / bytes
                || storage.elements() * bytes != range.bytes()) {
            throw bad(
                    "promises " + quote(name) + " a storage of " + storage.elements() + " times "
                            + Counted.of(bytes, "byte"),
                    "the " + range.bytes() + " that are there");
        }
    }

    private long[] numbers(String name, List<Object> values) throws IOException {
        long[] numbers = new long[values.size()];
        for (int i = 0; i < numbers.length; i++) {
            if (!(values.get(i) instanceof Long number) || number < 0) {
                throw bad("gives " + quote(name) + " a size or stride that is none", "whole numbers from 0");
            }
            numbers[i] = number;
        }
        return numbers;
    }

    private static String quote(String name) {
        return '"' + Shown.text(name) + '"';
    }

    private IOException bad(String what, String expected) {
        return new IOException(path + ": " + what + "; expected " + expected
                + "; the file is damaged or holds something else than weights: fetch it again, or as safetensors");
    }
}
