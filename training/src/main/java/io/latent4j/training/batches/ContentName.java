package io.latent4j.training.batches;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Parameter;
import ai.djl.util.Pair;
import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import com.google.common.io.MoreFiles;
import io.latent4j.core.nn.NamedBlock;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** A name for a model by what is in its files, or by its weights: another content, another name. */
public final class ContentName {
    private ContentName() {}

    /** Of the files of {@code folders}, without those in folders below; SHA-256 of names and contents. */
    public static String of(Path... folders) throws IOException {
        Hasher all = Hashing.sha256().newHasher();
        for (Path folder : folders) {
            try (Stream<Path> entries = Files.list(folder)) {
                List<Path> files = entries.filter(Files::isRegularFile).sorted().toList();
                for (Path file : files) {
                    all.putString(file.getFileName().toString(), StandardCharsets.UTF_8);
                    all.putBytes(
                            MoreFiles.asByteSource(file).hash(Hashing.sha256()).asBytes());
                }
            }
        }
        return all.hash().toString();
    }

    /**
     * Of a network that is loaded; SHA-256 of its shape and of names, data types and bytes of its weights, so that it does
     * not matter which kind of file they came from.
     *
     * @param config a record, whose text says all that it holds
     */
    public static String of(NamedBlock network, Object config) {
        Hasher all = Hashing.sha256().newHasher();
        all.putString(config.toString(), StandardCharsets.UTF_8);
        for (Pair<String, Parameter> each : network.getParameters()) {
            NDArray array = each.getValue().getArray();
            all.putString(each.getKey() + array.getDataType() + array.getShape(), StandardCharsets.UTF_8);
            all.putBytes(array.toByteBuffer());
        }
        return all.hash().toString();
    }
}
