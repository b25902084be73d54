package io.latent4j.training.data;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.latent4j.core.fuzz.Untrusted;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;

/**
 * Any bytes as a file of a cache of latents or texts. The header and the data are parts of an input; its length is put
 * before them, so that inputs get beyond it.
 */
class CacheFileFuzzTest {

    @BeforeAll
    static void loadEngine() {
        Untrusted.loadEngine();
    }

    @FuzzTest
    void anyArraysAreReadOrRefused(byte[] bytes) throws IOException {
        Untrusted.file("latents-1.safetensors", file(bytes), CacheFileFuzzTest::read);
    }

    private static byte[] file(byte[] bytes) {
        List<byte[]> parts = Untrusted.parts(bytes);
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        file.writeBytes(ByteBuffer.allocate(Long.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(parts.get(0).length)
                .array());
        parts.forEach(file::writeBytes);
        return file.toByteArray();
    }

    private static void read(Path path) throws IOException {
        Optional<IOException> damaged = Optional.empty();
        try (CacheFile file = CacheFile.open(path)) {
            for (CacheFile.Place place : file.places().values()) {
                try {
                    CachedArray array = place.read();
                    assertThat(array.values()).hasSize((int) array.shape().size());
                } catch (IOException e) {
                    damaged = Optional.of(e); // which hinders no other array
                }
            }
        }
        if (damaged.isPresent()) {
            throw damaged.get();
        }
    }
}
