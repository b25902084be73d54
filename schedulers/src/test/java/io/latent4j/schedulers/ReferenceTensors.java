package io.latent4j.schedulers;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.latent4j.core.weights.SafeTensors;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.LongStream;

/** The tensors of one file of reference cases. They are read from all tests there are, so the file stays open. */
public final class ReferenceTensors {
    private final SafeTensors tensors;

    private ReferenceTensors(SafeTensors tensors) {
        this.tensors = tensors;
    }

    public static ReferenceTensors read(Path file) throws IOException {
        return new ReferenceTensors(SafeTensors.open(file));
    }

    public Optional<NDArray> find(String name, NDManager manager) {
        return tensors.tensors().containsKey(name) ? Optional.of(get(name, manager)) : Optional.empty();
    }

    public NDArray get(String name, NDManager manager) {
        try {
            return tensors.read(name, manager);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The values of a tensor of 64-bit whole numbers. */
    public int[] wholeNumbers(String name) {
        try (NDManager manager = NDManager.newBaseManager()) {
            return LongStream.of(get(name, manager).toLongArray())
                    .mapToInt(Math::toIntExact)
                    .toArray();
        }
    }
}
