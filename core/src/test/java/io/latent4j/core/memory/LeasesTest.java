package io.latent4j.core.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class LeasesTest {
    private final Leases leases = new Leases("the thing");
    private final AtomicInteger freed = new AtomicInteger();

    @Test
    void closingEndsTheWorkOfItsUsersAndWaitsForIt() throws Exception {
        CountDownLatch taken = new CountDownLatch(1);
        CompletableFuture<Integer> user = CompletableFuture.supplyAsync(() -> {
            try (Leases.Lease lease = leases.take()) {
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

    @Test
    void isFreedOnceAndRefusedFromThenOn() {
        leases.take().close();
        leases.close(freed::incrementAndGet);
        leases.close(freed::incrementAndGet);
        assertThat(freed).hasValue(1);
        assertThatExceptionOfType(ResourceClosedException.class)
                .isThrownBy(leases::take)
                .withMessage("the thing is closed");
    }

    @Test
    void refusesToWaitForItself() {
        try (Leases.Lease lease = leases.take()) {
            assertThatIllegalStateException()
                    .isThrownBy(() -> leases.close(freed::incrementAndGet))
                    .withMessageStartingWith("the thing is to be closed by a thread that uses it");
            lease.check();
        }
        leases.close(freed::incrementAndGet);
        assertThat(freed).hasValue(1);
    }

    @Test
    void aLeaseCountsOnceHoweverOftenItIsClosed() {
        Leases.Lease one = leases.take();
        try (Leases.Lease other = leases.take()) {
            one.close();
            one.close();
            other.check();
            assertThatIllegalStateException().isThrownBy(() -> leases.close(freed::incrementAndGet));
        }
        leases.close(freed::incrementAndGet);
        assertThat(freed).hasValue(1);
    }

    @Test
    void keepsAnInterrupt() throws InterruptedException, ExecutionException {
        Leases.Lease lease =
                CompletableFuture.supplyAsync(leases::take).get();
        Thread later = new Thread(lease::close);
        Thread.currentThread().interrupt();
        later.start();
        leases.close(freed::incrementAndGet);
        assertThat(Thread.interrupted()).isTrue();
        assertThat(freed).hasValue(1);
        later.join();
    }
}
