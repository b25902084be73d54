package io.latent4j.pipeline.files;

import ai.djl.ndarray.types.Shape;
import com.google.common.collect.ImmutableSortedMap;
import com.google.gson.JsonArray;
import io.latent4j.core.config.Shown;
import io.latent4j.core.weights.TensorInfo;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * The names and shapes of a file's tensors, which say what model it holds.
 *
 * @param path of the file, for messages
 */
public record FileTensors(Path path, ImmutableSortedMap<String, TensorInfo> tensors) {
    private static final int MOST_BLOCKS = 64;

    public FileTensors(Path path, Map<String, TensorInfo> tensors) {
        this(path, ImmutableSortedMap.copyOf(tensors));
    }

    public boolean has(String key) {
        return tensors.containsKey(key);
    }

    /** Whether there is a tensor whose key begins so. */
    public boolean begins(String prefix) {
        String key = tensors.ceilingKey(prefix);
        return key != null && key.startsWith(prefix);
    }

    /** Whether there is a tensor whose key is such. */
    public boolean any(Predicate<String> key) {
        return tensors.keySet().stream().anyMatch(key);
    }

    /** How many blocks are numbered from 0 behind {@code prefix}. */
    public int count(String prefix) {
        int count = 0;
        while (count < MOST_BLOCKS && begins(prefix + count + ".")) {
            count++;
        }
        return count;
    }

    /**
     * The size of a tensor.
     *
     * @throws IllegalArgumentException if it is not there, or has fewer dimensions
     */
    public long size(String key, int dimension) {
        Shape shape = shape(key);
        if (dimension >= shape.dimension()) {
            throw bad("has " + key + " as " + shape, "more dimensions");
        }
        return shape.get(dimension);
    }

    /**
     * How many dimensions a tensor has.
     *
     * @throws IllegalArgumentException if it is not there
     */
    public int dimensions(String key) {
        return shape(key).dimension();
    }

    private Shape shape(String key) {
        TensorInfo info = tensors.get(key);
        if (info == null) {
            throw bad("has no " + key, "a whole model");
        }
        return info.shape();
    }

    /** What to throw for a file that is not as it should be. */
    public IllegalArgumentException bad(String what, String expected) {
        return new IllegalArgumentException(path + ": " + Shown.sentence(what) + "; expected " + expected);
    }

    static JsonArray numbers(List<Integer> values) {
        JsonArray array = new JsonArray();
        values.forEach(array::add);
        return array;
    }

    static JsonArray texts(Stream<String> values) {
        JsonArray array = new JsonArray();
        values.forEach(array::add);
        return array;
    }
}
