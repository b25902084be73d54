package io.latent4j.lora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LoraUseTest {
    @TempDir
    private Path folder;

    @Test
    void writesTheTagOfOtherTools() throws IOException {
        try (NDManager manager = NDManager.newBaseManager()) {
            Path file = TestModel.write(folder.resolve("ink.v2.safetensors"), TestModel.lowRank(manager, 1));
            Lora lora = Lora.load(file, TestModel.random(manager).parts(), manager);
            assertThat(lora.at(0.8).tag()).isEqualTo("<lora:ink.v2:0.8>");
            assertThat(lora.at(1).tag()).isEqualTo("<lora:ink.v2:1>");
            assertThat(lora.at(-0.5, 0.25).tag()).isEqualTo("<lora:ink.v2:0.25:-0.5>");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> lora.at(Double.NaN))
                    .withMessage("the adapter's strength for the UNet is NaN; expected -100 to 100");
            assertThatIllegalArgumentException().isThrownBy(() -> lora.at(1, 101));
        }
    }
}
