package io.latent4j.training.batches;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class BatchPrefetcherTest {
    @Test
    void givesAnyBatchWhateverTheOrder() throws IOException {
        List<Long> made = new CopyOnWriteArrayList<>();
        try (BatchPrefetcher<String> ahead = new BatchPrefetcher<>(
                number -> {
                    made.add(number);
                    return "batch " + number;
                },
                2)) {
            assertThat(made).isEmpty();
            assertThat(ahead.get(3)).isEqualTo("batch 3");
            assertThat(ahead.get(4)).isEqualTo("batch 4");
            assertThat(ahead.get(9)).isEqualTo("batch 9");
            assertThat(ahead.get(0)).isEqualTo("batch 0");
            assertThat(ahead.get(1)).isEqualTo("batch 1");
            assertThat(made).contains(3L, 4L, 9L, 0L, 1L);
        }
    }

    @Test
    void isCancelledByAnInterrupt() {
        CountDownLatch never = new CountDownLatch(1);
        try (BatchPrefetcher<String> ahead = new BatchPrefetcher<>(
                number -> {
                    try {
                        never.await();
                    } catch (InterruptedException e) {
                        throw new IOException(e);
                    }
                    return "";
                },
                1)) {
            Thread.currentThread().interrupt();
            assertThatThrownBy(() -> ahead.get(0)).isInstanceOf(CancellationException.class);
            assertThat(Thread.interrupted()).isTrue();
        }
    }
}
