package io.latent4j.service.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import ai.djl.Device;
import ai.djl.ndarray.types.DataType;
import io.latent4j.pipeline.model.Placement;
import io.latent4j.pipeline.request.GenerationRequest;
import io.latent4j.service.JobListener;
import io.latent4j.service.JobResult;
import io.latent4j.service.JobRunner;
import io.latent4j.service.JobStep;
import io.latent4j.service.job.InvalidJobException;
import io.latent4j.service.job.JobSpec;
import io.latent4j.service.registry.ModelRegistry;
import io.latent4j.service.store.QueueFullException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class JobTurnsTest {
    private static final JobSpec STAR =
            new JobSpec(new GenerationRequest("a star").withSeed(3).withSteps(2));

    private ModelRegistry registry;
    private ExecutorService threads;
    private JobTurns turns;

    @BeforeEach
    void open() {
        registry = new ModelRegistry(new Placement(Device.cpu(), DataType.FLOAT32));
        threads = Executors.newCachedThreadPool();
        turns = new JobTurns(new JobRunner(registry), 1, Duration.ofMinutes(1));
    }

    @AfterEach
    void close() {
        turns.close();
        registry.close();
        threads.shutdownNow();
    }

    /** Stays at its first step until it may go on. */
    private static final class Held implements JobListener {
        final CountDownLatch begun = new CountDownLatch(1);
        final CountDownLatch goOn = new CountDownLatch(1);

        @Override
        public void onStep(JobStep step) {
            begun.countDown();
            try {
                goOn.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Test
    void oneJobRunsAndTheNextWaitsItsTurn() throws Exception {
        Held held = new Held();
        List<String> ends = new CopyOnWriteArrayList<>();
        Future<JobResult> first = threads.submit(() -> turns.run(STAR, held));
        held.begun.await();

        Future<JobResult> second = threads.submit(() -> turns.run(STAR, new JobListener() {
            @Override
            public void onLoading(String model) {
                ends.add("second begins when the first " + (first.isDone() || held.goOn.getCount() == 0));
            }
        }));
        awaitWaiting(1);
        assertThat(turns.status()).isEqualTo(new QueueStatus(1, 1, 1));
        held.goOn.countDown();

        assertThat(first.get().images()).isEqualTo(1);
        assertThat(second.get().images()).isEqualTo(1);
        assertThat(ends).containsExactly("second begins when the first true");
        assertThat(turns.status()).isEqualTo(new QueueStatus(0, 0, 1));
    }

    private void awaitWaiting(int count) {
        while (turns.status().waiting() < count) {
            Thread.onSpinWait();
        }
    }

    @Test
    void refusesWhoComesWhenTooManyWait() throws Exception {
        Held held = new Held();
        Future<JobResult> first = threads.submit(() -> turns.run(STAR, held));
        held.begun.await();
        Future<JobResult> second = threads.submit(() -> turns.run(STAR, JobListener.NONE));
        awaitWaiting(1);

        assertThatExceptionOfType(QueueFullException.class)
                .isThrownBy(() -> turns.run(STAR, JobListener.NONE))
                .withMessage("a job runs and 1 more wait, as many as may; try again later");

        held.goOn.countDown();
        first.get();
        assertThat(second.get().images()).isEqualTo(1);
    }

    @Test
    void anInterruptEndsTheWait() throws Exception {
        Held held = new Held();
        Future<JobResult> first = threads.submit(() -> turns.run(STAR, held));
        held.begun.await();

        Thread.currentThread().interrupt();
        assertThatExceptionOfType(CancellationException.class)
                .isThrownBy(() -> turns.run(STAR, JobListener.NONE))
                .withMessage("the job was interrupted before its turn");

        assertThat(Thread.interrupted()).isTrue();
        assertThat(turns.status().waiting()).isZero();
        held.goOn.countDown();
        assertThat(first.get().images()).isEqualTo(1);
    }

    @Test
    void closingRefusesWhoWaitsAndAwaitsWhoRuns() throws Exception {
        Held held = new Held();
        Future<JobResult> first = threads.submit(() -> turns.run(STAR, held));
        held.begun.await();
        Future<JobResult> second = threads.submit(() -> turns.run(STAR, JobListener.NONE));
        awaitWaiting(1);

        Future<?> closing = threads.submit(turns::close);
        while (turns.isOpen()) {
            Thread.onSpinWait();
        }
        held.goOn.countDown();
        closing.get();

        assertThat(first.get().images()).isEqualTo(1);
        assertThatExceptionOfType(ExecutionException.class)
                .isThrownBy(second::get)
                .withCauseInstanceOf(IllegalStateException.class);
        assertThatIllegalStateException().isThrownBy(() -> turns.run(STAR, JobListener.NONE));
    }

    @Test
    void aRefusedJobLeavesTheTurnToOthers() {
        JobSpec wrong = new JobSpec(new GenerationRequest("a star").withScheduler("none such"));

        assertThatExceptionOfType(InvalidJobException.class).isThrownBy(() -> turns.run(wrong, JobListener.NONE));

        assertThat(turns.run(STAR, JobListener.NONE).images()).isEqualTo(1);
    }

    @Test
    void refusesToLetFewerThanNoneWait() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new JobTurns(new JobRunner(registry), -1, Duration.ZERO))
                .withMessage("-1 callers may wait; expected 0 or more");
    }
}
