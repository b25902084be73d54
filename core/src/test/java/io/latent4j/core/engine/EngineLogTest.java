package io.latent4j.core.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.engine.Engine;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Platform;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class EngineLogTest {
    private static final int ERROR = 2;

    @Test
    void libtorchWritesErrorsAlone() {
        assumeTrue(Platform.isLinux(), "the level is set on Linux");
        assumeTrue(System.getenv("TORCH_CPP_LOG_LEVEL") == null, "TORCH_CPP_LOG_LEVEL is set");
        assertThat(Engine.getEngine("PyTorch").getEngineName()).isEqualTo("PyTorch");
        Path library = EngineLog.loaded().orElseThrow();
        assertThat(NativeLibrary.getInstance(library.toString())
                        .getGlobalVariableAddress("FLAGS_caffe2_log_level")
                        .getInt(0))
                .isEqualTo(ERROR);
    }
}
