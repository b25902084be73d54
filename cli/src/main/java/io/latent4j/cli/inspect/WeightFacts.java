package io.latent4j.cli.inspect;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.latent4j.core.weights.Checkpoint;
import io.latent4j.core.weights.TensorInfo;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/**
 * What the headers of safetensors files say.
 *
 * @param tensors by name
 * @param metadata free text in the headers
 */
record WeightFacts(Map<String, TensorInfo> tensors, Map<String, String> metadata) {

    /** Of one file, or of the shards an index names. */
    static WeightFacts of(Path file) throws IOException {
        try (Checkpoint checkpoint = Checkpoint.open(file)) {
            return of(checkpoint);
        }
    }

    /** Of a part of a model. */
    static WeightFacts of(Path folder, String stem) throws IOException {
        try (Checkpoint checkpoint = Checkpoint.open(folder, stem)) {
            return of(checkpoint);
        }
    }

    /** Of weights that are open. */
    static WeightFacts of(Checkpoint checkpoint) {
        return new WeightFacts(checkpoint.tensors(), checkpoint.metadata());
    }

    /** How many numbers there are. */
    long parameters() {
        return tensors.values().stream().mapToLong(TensorInfo::elements).sum();
    }

    long bytes() {
        return tensors.values().stream().mapToLong(TensorInfo::bytes).sum();
    }

    /** How many numbers there are of each data type. */
    Map<String, Long> types() {
        Map<String, Long> types = new TreeMap<>();
        tensors.values().forEach(tensor -> types.merge(tensor.type().name(), tensor.elements(), Long::sum));
        return types;
    }

    /** The sums. */
    JsonObject totals() {
        JsonObject types = new JsonObject();
        types().forEach(types::addProperty);
        JsonObject json = new JsonObject();
        json.addProperty("tensors", tensors.size());
        json.addProperty("parameters", parameters());
        json.addProperty("bytes", bytes());
        json.add("types", types);
        return json;
    }

    /** The sums, and every tensor. */
    JsonObject json() {
        JsonObject json = totals();
        JsonObject texts = new JsonObject();
        metadata.forEach(texts::addProperty);
        json.add("metadata", texts);
        JsonArray list = new JsonArray();
        tensors.forEach((name, info) -> {
            JsonArray shape = new JsonArray();
            for (long size : info.shape().getShape()) {
                shape.add(size);
            }
            JsonObject tensor = new JsonObject();
            tensor.addProperty("name", name);
            tensor.addProperty("type", info.type().name());
            tensor.add("shape", shape);
            list.add(tensor);
        });
        json.add("list", list);
        return json;
    }
}
