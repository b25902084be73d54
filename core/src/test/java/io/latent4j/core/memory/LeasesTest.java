package io.latent4j.core.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class LeasesTest {
    private final Leases leases = new Leases("the box");
    private final AtomicInteger freed = new AtomicInteger();

    @Test
    void isFreedOnceAndRefusedAfterwards() {
        leases.lease().close();
        assertThat(leases.isClosed()).isFalse();
        leases.close(freed::incrementAndGet);
        leases.close(freed::incrementAndGet);
        assertThat(freed).hasValue(1);
        assertThat(leases.isClosed()).isTrue();
        assertThatIllegalStateException()
                .isThrownBy(leases::lease)
                .withMessage("the box is closed; expected it open; close it after its last use");
    }

    @Test
    void refusesToWaitForItsOwnThread() {
        try (Leases.Lease lease = leases.lease()) {
            assertThatIllegalStateException()
                    .isThrownBy(() -> leases.close(freed::incrementAndGet))
                    .withMessageContaining("the box is in use by the thread that closes it");
            lease.close();
            lease.close();
        }
        assertThat(freed).hasValue(0);
        leases.close(freed::incrementAndGet);
        assertThat(freed).hasValue(1);
    }

    @Test
    void isNeverFreedWhileAnyoneUsesIt() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            for (int round = 0; round < 200; round++) {
                Leases box = new Leases("the box");
                AtomicBoolean open = new AtomicBoolean(true);
                AtomicInteger afterwards = new AtomicInteger();
                CountDownLatch start = new CountDownLatch(1);
                Future<?>[] users = new Future<?>[3];
                for (int i = 0; i < users.length; i++) {
                    users[i] = threads.submit(() -> {
                        start.await();
                        while (true) {
                            try (Leases.Lease lease = box.lease()) {
                                try (Leases.Lease nested = box.lease()) {
                                    if (!open.get()) {
                                        afterwards.incrementAndGet();
                                    }
                                }
                            } catch (IllegalStateException closed) {
                                return null;
                            }
                        }
                    });
                }
                start.countDown();
                box.close(() -> open.set(false));
                for (Future<?> user : users) {
                    user.get();
                }
                assertThat(afterwards).hasValue(0);
            }
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void keepsAnInterrupt() throws Exception {
        Leases.Lease lease = leases.lease();
        AtomicBoolean interrupted = new AtomicBoolean();
        Thread closer = new Thread(() -> {
            leases.close(freed::incrementAndGet);
            interrupted.set(Thread.currentThread().isInterrupted());
        });
        closer.start();
        closer.interrupt();
        assertThat(freed).hasValue(0);
        lease.close();
        closer.join();
        assertThat(freed).hasValue(1);
        assertThat(interrupted).isTrue();
    }

    @Test
    void closingEndsTheWorkOfItsUsersAndWaitsForIt() throws Exception {
        Leases leases = new Leases("the thing");
        AtomicInteger freed = new AtomicInteger();
        CountDownLatch taken = new CountDownLatch(1);
        CompletableFuture<Integer> user = CompletableFuture.supplyAsync(() -> {
            try (Leases.Lease lease = leases.lease()) {
                lease.check();
                taken.countDown();
                assertThatExceptionOfType(ResourceClosedException.class)
                        .isThrownBy(() -> {
                            while (true) {
                                lease.check();
                                Thread.onSpinWait();
                            }
                        })
                        .withMessage("the thing was closed while it was used");
                return freed.get();
            }
        });
        taken.await();
        leases.close(freed::incrementAndGet);
        assertThat(freed).hasValue(1);
        assertThat(user.get()).isZero();
    }
}
