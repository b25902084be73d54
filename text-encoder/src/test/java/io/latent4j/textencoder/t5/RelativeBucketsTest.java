package io.latent4j.textencoder.t5;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.latent4j.core.weights.SafeTensors;
import io.latent4j.textencoder.TestModels;
import java.io.IOException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RelativeBucketsTest {
    private static final RelativeBuckets T5 = new RelativeBuckets(32, 128);

    @Test
    void bucketsAreTheReferences() throws IOException {
        try (NDManager manager = NDManager.newBaseManager("PyTorch");
                SafeTensors tensors = SafeTensors.open(TestModels.resource("cases/t5_relative_buckets.safetensors"))) {
            NDArray expected = tensors.read("out.bucket", manager);
            int most = (int) expected.size() / 2; // from -300 to 300
            assertThat(IntStream.rangeClosed(-most, most).mapToLong(T5::of).toArray())
                    .hasSize(601)
                    .isEqualTo(expected.toLongArray());
        }
    }

    @Test
    void bordersBelongToTheFartherBucket() {
        assertThat(IntStream.of(7, 8, 15, 16, 31, 32, 63, 64, 127, 128, 10_000).map(d -> T5.of(-d)))
                .containsExactly(7, 8, 9, 10, 11, 12, 13, 14, 15, 15, 15);
        assertThat(T5.of(1)).isEqualTo(17);
        assertThat(T5.of(0)).isZero();
    }

    @Test
    void allAreThoseOfEveryPairOfTokens() {
        assertThat(T5.all(3)).containsExactly(2, 1, 0, 17, 18);
    }
}
