package io.latent4j.conformance;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.latent4j.core.weights.SafeTensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The part of the reference data that is in this repository. */
final class CompactReference {
    static final Path FOLDER = Path.of("src/test/resources/reference");

    private CompactReference() {}

    /** Copies it to {@code target}. */
    static void copyTo(Path target) throws IOException {
        try (Stream<Path> files = Files.walk(FOLDER)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Path copy = target.resolve(FOLDER.relativize(file).toString());
                Files.createDirectories(copy.getParent());
                Files.copy(file, copy);
            }
        }
    }

    /** Adds {@code amount} to the last number of one tensor of a file. */
    static void change(Path file, String tensor, float amount) throws IOException {
        try (NDManager manager = NDManager.newBaseManager()) {
            Map<String, NDArray> tensors = new HashMap<>();
            try (SafeTensors all = SafeTensors.open(file)) {
                for (String name : all.tensors().keySet()) {
                    tensors.put(name, all.read(name, manager));
                }
            }
            float[] values = tensors.get(tensor).toFloatArray();
            values[values.length - 1] += amount;
            tensors.put(tensor, manager.create(values, tensors.get(tensor).getShape()));
            SafeTensors.write(file, tensors, Map.of());
        }
    }

    static ReferenceCase named(List<ReferenceCase> cases, String name) {
        return cases.stream()
                .filter(each -> each.name().equals(name))
                .findFirst()
                .orElseThrow();
    }
}
