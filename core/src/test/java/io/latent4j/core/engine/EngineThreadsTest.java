package io.latent4j.core.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Platform;
import java.util.Map;
import org.junit.jupiter.api.Test;

class EngineThreadsTest {

    @Test
    void leavesWhatTheUserHasSet() {
        assertThat(EngineThreads.spins(Map.of())).contains("1000");
        assertThat(EngineThreads.spins(Map.of("GOMP_SPINCOUNT", "7"))).isEmpty();
        assertThat(EngineThreads.spins(Map.of("OMP_WAIT_POLICY", "active"))).isEmpty();
    }

    @Test
    void isSetWhereverAnArrayIsMade() {
        assumeTrue(Platform.isLinux(), "GNU OpenMP is Linux's");
        try (NDManager manager = NDManager.newBaseManager();
                NDArray array = manager.ones(new Shape(2))) {
            assertThat(array.sum().getFloat()).isEqualTo(2);
        }
        String expected = EngineThreads.spins(System.getenv()).orElse(System.getenv("GOMP_SPINCOUNT"));
        assertThat(NativeLibrary.getInstance("c")
                        .getFunction("getenv")
                        .invokeString(new Object[] {"GOMP_SPINCOUNT"}, false))
                .isEqualTo(expected);
    }

    @Test
    void addsNoSecondEngine() {
        assertThat(Engine.getAllEngines()).doesNotHaveDuplicates().contains("PyTorch");
    }
}
