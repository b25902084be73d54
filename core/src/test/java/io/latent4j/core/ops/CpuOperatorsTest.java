package io.latent4j.core.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.latent4j.core.ops.CpuOperators.Kind;
import io.latent4j.core.ops.CpuOperators.Processor;
import io.latent4j.core.ops.CpuOperators.Wishes;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CpuOperatorsTest {
    private static final Processor AMD = Processor.parse(
            List.of("processor\t: 0", "vendor_id\t: AuthenticAMD", "vmx flags\t: vnmi", "flags\t\t: fpu avx512_bf16"));

    @Test
    void readsTheProcessorsOwnWords() {
        assertThat(AMD).isEqualTo(new Processor("AuthenticAMD", Set.of("fpu", "avx512_bf16")));
        assertThat(Processor.read(Path.of("no such file"))).isEqualTo(new Processor("", Set.of()));
    }

    @Test
    void choosesByTheProcessor() {
        assertThat(linear("", AMD)).startsWith("onednn: on AMD's");
        assertThat(linear("", new Processor("GenuineIntel", Set.of()))).startsWith("mkl: ");
        assertThat(linear("", new Processor("", Set.of()))).startsWith("mkl: ");
    }

    @Test
    void doesWhatTheUserSays() {
        assertThat(linear(" linear = mkl,", AMD)).isEqualTo("mkl: the test says so");
        assertThat(CpuOperators.choose(new Wishes("the test", "linear=mkl, convolution=direct"), AMD)
                        .get(Kind.CONVOLUTION))
                .hasToString("direct: the test says so");
    }

    @ParameterizedTest
    @ValueSource(strings = {"linear", "linear=", "linear=cublas", "linaer=mkl", "linear=mkl=onednn", "=mkl"})
    void refusesWhatThereIsNot(String wish) {
        assertThatThrownBy(() -> linear("linear=mkl," + wish, AMD))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("the test asks for \"" + wish + "\"; expected some of")
                .hasMessageContaining("linear=mkl|onednn");
    }

    private static String linear(String wish, Processor processor) {
        return CpuOperators.choose(new Wishes("the test", wish), processor)
                .get(Kind.LINEAR)
                .toString();
    }
}
