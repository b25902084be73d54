package io.latent4j.core.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.engine.Engine;
import ai.djl.engine.EngineException;
import java.net.UnknownHostException;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class PyTorchTest {
    private static final String JNI = "jnilib/pytorch.properties";

    /** What DJL does without a network. */
    private static Engine offline() {
        throw new EngineException("Failed to save pytorch index file", new UnknownHostException("publish.djl.ai"));
    }

    @Test
    void loadsTheEngine() {
        assertThat(PyTorch.engine().getEngineName()).isEqualTo("PyTorch");
    }

    @Test
    void saysWhichLibrariesAreMissingAndWhatBringsThem() {
        assertThatThrownBy(() -> PyTorch.engine(PyTorchTest::offline, resource -> false, false))
                .isInstanceOf(EngineMissingException.class)
                .hasMessage(
                        "the engine has no native libraries: libtorch and DJL's JNI library are not on the class path,"
                                + " and DJL did not get them from the network (java.net.UnknownHostException:"
                                + " publish.djl.ai); add the dependency io.latent4j:latent4j-engine, of type pom and scope"
                                + " runtime, or name the folder of an installed libtorch in PYTORCH_LIBRARY_PATH"
                                + " (docs/gpu.md)")
                .hasRootCauseInstanceOf(UnknownHostException.class);
        assertThatThrownBy(() -> PyTorch.engine(PyTorchTest::offline, JNI::equals, false))
                .hasMessageContaining("native libraries: libtorch is not on the class path");
        assertThatThrownBy(() -> PyTorch.engine(PyTorchTest::offline, resource -> false, true))
                .hasMessageContaining("native libraries: DJL's JNI library is not on the class path");
    }

    @Test
    void saysWhyLibrariesThatAreThereDoNotLoad() {
        Supplier<Engine> other = () -> {
            throw new UnsatisfiedLinkError("libtorch_cpu.so: wrong ELF class");
        };

        assertThatThrownBy(() -> PyTorch.engine(other, resource -> true, false))
                .isInstanceOf(EngineMissingException.class)
                .hasMessageStartingWith("the engine's native libraries cannot be loaded"
                        + " (java.lang.UnsatisfiedLinkError: libtorch_cpu.so: wrong ELF class); expected libtorch and")
                .hasMessageEndingWith("as io.latent4j:latent4j-engine brings them");
    }
}
