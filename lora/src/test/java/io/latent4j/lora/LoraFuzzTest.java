package io.latent4j.lora;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDManager;
import com.code_intelligence.jazzer.junit.FuzzTest;
import io.latent4j.core.fuzz.Untrusted;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;

/** Run with {@code JAZZER_FUZZ=1} this searches for new inputs; otherwise it tries the ones beside it. */
class LoraFuzzTest {

    @BeforeAll
    static void loadEngine() {
        Untrusted.loadEngine();
    }

    @FuzzTest
    void anyBytesBindOrAreRefused(byte[] bytes) throws IOException {
        Path path = Files.createTempFile("fuzz", ".safetensors");
        try (NDManager manager = NDManager.newBaseManager()) {
            Files.write(path, bytes);
            bind(path, manager);
        } finally {
            Files.delete(path);
        }
    }

    private static void bind(Path path, NDManager manager) throws IOException {
        TestModel model = TestModel.random(manager);
        int before = manager.getManagedArrays().size();
        try (Lora lora = Lora.load(path, model.adaptable(), manager)) {
            assertThat(lora.report().matched()).isPositive();
            LoraUse.adapters(List.of(lora.at(0.5)), LoraPart.UNET, manager);
            LoraFuser.fuse(List.of(lora.at(0.5))).close();
        } catch (IOException | IllegalArgumentException e) {
            assertThat(e).hasMessageStartingWith(path + ": ").hasMessageContaining("; expected ");
            assertThat(manager.getManagedArrays()).hasSize(before);
        }
    }
}
