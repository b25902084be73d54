package io.latent4j.cli.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class GentleStopTest {

    @Test
    void tellsWorkThatItIsToEndAndWaits() throws IOException {
        CountDownLatch told = new CountDownLatch(1);
        AtomicBoolean interrupted = new AtomicBoolean();
        Thread.currentThread().interrupt();
        int code = GentleStop.run(told::countDown, () -> {
            told.await();
            interrupted.set(Thread.currentThread().isInterrupted());
            return 7;
        });
        assertThat(code).isEqualTo(7);
        assertThat(interrupted).isFalse();
    }

    @Test
    void throwsWhatTheWorkThrows() {
        assertThatThrownBy(() -> GentleStop.run(() -> {}, () -> {
                    throw new IOException("no room");
                }))
                .isInstanceOf(IOException.class)
                .hasMessage("no room");
        assertThatThrownBy(() -> GentleStop.run(() -> {}, () -> {
                    throw new StackOverflowError("deep");
                }))
                .isInstanceOf(StackOverflowError.class);
    }
}
