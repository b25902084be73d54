package io.latent4j.server.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class ImageTurnsTest {
    @Test
    void fewWorkAtATime() {
        ImageTurns turns = new ImageTurns(2, 100);
        AtomicInteger working = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        CountDownLatch all = new CountDownLatch(8);
        ExecutorService threads = Executors.newFixedThreadPool(8);
        List<CompletableFuture<Integer>> done = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            done.add(CompletableFuture.supplyAsync(
                    () -> {
                        all.countDown();
                        return turns.with(() -> {
                            most.accumulateAndGet(working.incrementAndGet(), Math::max);
                            turns.with(() -> 0); // which is within its own turn
                            awaited(all);
                            return working.decrementAndGet();
                        });
                    },
                    threads));
        }
        done.forEach(CompletableFuture::join);
        threads.shutdown();
        assertThat(most.get()).isEqualTo(2);
    }

    private static void awaited(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void refusesWhereTooManyWait() {
        ImageTurns turns = new ImageTurns(1, 0);
        assertThat(turns.with(() -> 1)).isEqualTo(1);
        assertThatThrownBy(() -> turns.with(() ->
                        CompletableFuture.supplyAsync(() -> turns.with(() -> 1)).join()))
                .hasRootCauseInstanceOf(ApiException.class)
                .hasMessageContaining("try again later");
        assertThat(turns.with(() -> 2)).isEqualTo(2);
    }
}
