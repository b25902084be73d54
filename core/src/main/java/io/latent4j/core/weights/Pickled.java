package io.latent4j.core.weights;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a pickle can become here, beside strings, longs, doubles and booleans: containers, tensors' places, and inert names.
 * No class that a pickle names is ever looked up.
 */
sealed interface Pickled {

    /** A value that nothing here needs. */
    enum Other implements Pickled {
        NONE,
        NUMBER,
        BYTES
    }

    /** A dictionary; entries whose key is neither text nor a number are dropped. Equal only to itself. */
    final class Dict implements Pickled {
        private final Map<String, Object> entries = new LinkedHashMap<>();

        Map<String, Object> entries() {
            return entries;
        }

        void put(Object key, Object value) {
            if (key instanceof String || key instanceof Long) {
                entries.put(key.toString(), value);
            }
        }
    }

    /** A list or set. Equal only to itself. */
    final class Items implements Pickled {
        private final List<Object> items = new ArrayList<>();

        List<Object> items() {
            return items;
        }
    }

    /** A tuple. Equal only to itself, since it may hold itself by way of a list. */
    final class Tuple implements Pickled {
        private final ImmutableList<Object> items;

        Tuple(List<Object> items) {
            this.items = ImmutableList.copyOf(items);
        }

        ImmutableList<Object> items() {
            return items;
        }
    }

    /** A function or class by its dotted name: nothing but the name. */
    record Name(String name) implements Pickled {}

    /** Stands for an object of a class; it remembers the dictionary that was to become its state, and does nothing. */
    final class Instance implements Pickled {
        private final String type;
        private Optional<Dict> state = Optional.empty();

        Instance(String type) {
            this.type = type;
        }

        String type() {
            return type;
        }

        Optional<Dict> state() {
            return state;
        }

        void setState(Dict dict) {
            state = Optional.of(dict);
        }
    }

    /**
     * Consecutive elements that tensors are views of.
     *
     * @param type empty for plain bytes, whose tensors have a type of their own
     * @param key names the bytes in the file
     * @param elements their number, or that of bytes
     */
    record Storage(Optional<StoredType> type, String key, long elements) implements Pickled {}

    /** A view of a storage; sizes and strides as the pickle gives them, unchecked. */
    record Tensor(
            StoredType type, Storage storage, long offset, ImmutableList<Object> shape, ImmutableList<Object> strides)
            implements Pickled {}
}
