package io.latent4j.training;

import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import com.google.common.io.MoreFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** A name for what is in folders of model files: other files, another name. */
final class ContentName {
    private ContentName() {}

    /** Of the files of {@code folders}, without those in folders below; SHA-256 of names and contents. */
    static String of(Path... folders) throws IOException {
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
}
