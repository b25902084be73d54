package io.latent4j.core.weights;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.latent4j.core.fuzz.Untrusted;
import java.io.IOException;
import java.nio.file.Path;

/** Any bytes as the index of a checkpoint in several files: no name leads out of its folder. */
class ShardIndexFuzzTest {

    @FuzzTest
    void anyBytesAreReadOrRefused(byte[] bytes) throws IOException {
        Untrusted.file("model.safetensors.index.json", bytes, ShardIndexFuzzTest::read);
    }

    private static void read(Path path) throws IOException {
        for (String shard : ShardIndex.read(path).weightMap().values()) {
            Path file = path.resolveSibling(shard);
            assertThat(file.normalize()).isEqualTo(file);
            assertThat(file.getParent()).isEqualTo(path.getParent());
        }
    }
}
