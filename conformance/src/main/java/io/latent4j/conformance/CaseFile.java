package io.latent4j.conformance;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.latent4j.core.weights.SafeTensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The settings, inputs and expected outputs of one case: a sidecar and the tensors beside it, open until closed. */
final class CaseFile implements AutoCloseable {
    private static final String IN = "in.";
    private static final String OUT = "out.";

    private final Path root;
    private final JsonObject json;
    private final SafeTensors tensors;
    private final NDManager manager;

    private CaseFile(Path root, JsonObject json, SafeTensors tensors, NDManager manager) {
        this.root = root;
        this.json = json;
        this.tensors = tensors;
        this.manager = manager;
    }

    /** Opens the tensors that {@code json} names; they are read onto a manager of their own, which closes with this. */
    static CaseFile open(Path root, JsonObject json, Workbench bench) throws IOException {
        SafeTensors tensors = SafeTensors.open(root.resolve(json.get("file").getAsString()));
        return new CaseFile(root, json, tensors, bench.newManager());
    }

    NDManager manager() {
        return manager;
    }

    Path root() {
        return root;
    }

    /** The folder of the model. */
    Path model() {
        return root.resolve(json.get("model").getAsString());
    }

    /** The folder of the part of the model that the case is about. */
    Path component() {
        Path folder = model().resolve(componentName());
        return Files.isDirectory(folder) ? folder : model();
    }

    /** The file that the sidecar names at {@code key}. */
    Path path(String key) {
        return root.resolve(json.get(key).getAsString());
    }

    /** The names of the tensors that begin with {@code prefix}. */
    List<String> names(String prefix) {
        return tensors.tensors().keySet().stream()
                .filter(name -> name.startsWith(prefix))
                .sorted()
                .toList();
    }

    /** The sidecar's list at {@code key}. */
    JsonArray array(String key) {
        return json.getAsJsonArray(key);
    }

    /** The sidecar's text at {@code key}. */
    String top(String key) {
        return json.get(key).getAsString();
    }

    String componentName() {
        return json.get("component").getAsString();
    }

    JsonObject scalars() {
        return json.getAsJsonObject("scalars");
    }

    /** The settings' text at {@code key}; empty where there is none. */
    String text(String key) {
        JsonElement value = scalars().get(key);
        return value == null || value.isJsonNull() ? "" : value.getAsString();
    }

    double number(String key, double absent) {
        JsonElement value = scalars().get(key);
        return value == null || value.isJsonNull() ? absent : value.getAsDouble();
    }

    /** Refuses a case with an input that is none of {@code known}. */
    void allInputsIn(Set<String> known) {
        for (String name : tensors.tensors().keySet()) {
            if (name.startsWith(IN) && !known.contains(name.substring(IN.length()))) {
                throw new NotCovered("input " + name);
            }
        }
    }

    NDArray in(String name) throws IOException {
        return tensors.read(IN + name, manager);
    }

    Optional<NDArray> findIn(String name) throws IOException {
        return has(IN + name) ? Optional.of(in(name)) : Optional.empty();
    }

    boolean has(String name) {
        return tensors.tensors().containsKey(name);
    }

    NDArray tensor(String name) throws IOException {
        return tensors.read(name, manager);
    }

    /** The tolerance the sidecar gives an output. */
    Tolerance tolerance(String output) {
        return Tolerance.of(json.getAsJsonObject("outputs").getAsJsonObject(output));
    }

    /**
     * Compares every output of {@code got}; one the sidecar expects and {@code got} has not is not covered, unless it is
     * among {@code elsewhere}.
     */
    void compare(Comparison comparison, Map<String, NDArray> got, Set<String> elsewhere) throws IOException {
        for (String output : json.getAsJsonObject("outputs").keySet()) {
            if (got.containsKey(output)) {
                comparison.arrays(output, got.get(output), tensor(output), tolerance(output));
            } else if (output.startsWith(OUT) && !elsewhere.contains(output)) {
                comparison.notCovered("output " + output);
            }
        }
    }

    @Override
    public void close() throws IOException {
        manager.close();
        tensors.close();
    }
}
