package io.latent4j.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class OperatorBenchmarkTest {
    @Test
    void pairsComputeTheSame() {
        OperatorBenchmark benchmark = new OperatorBenchmark();
        benchmark.open();
        try {
            assertThat(benchmark.groupNormSilu()).isCloseTo(benchmark.groupNormSiluOfParts(), within(1e-4f));
            assertThat(benchmark.convolution3x3()).isCloseTo(benchmark.convolution3x3Chosen(), within(1e-2f));
            assertThat(benchmark.attention()).isCloseTo(benchmark.attentionOfParts(), within(1e-4f));
            assertThat(benchmark.geglu()).isFinite();
            assertThat(benchmark.linearToWide()).isFinite();
            assertThat(benchmark.matrixProduct2048()).isFinite();
        } finally {
            benchmark.close();
        }
    }
}
