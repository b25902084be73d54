package io.latent4j.service;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.types.DataType;
import io.latent4j.core.memory.ResourceClosedException;
import io.latent4j.pipeline.model.Placement;
import io.latent4j.pipeline.request.GenerationRequest;
import io.latent4j.service.job.JobSpec;
import io.latent4j.service.registry.ModelRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Jobs are cancelled, interrupted and their registry is closed at random moments: each ends in a result, as cancelled, or
 * with the one exception of what is closed. {@code -Dlatent4j.races=200} is how often.
 */
class JobRaceTest {
    private static final int TIMES = Integer.getInteger("latent4j.races", 20);
    private static final int LONGEST = 60_000_000; // nanoseconds, about as long as a job
    private static final JobSpec CIRCLE = new JobSpec(
            new GenerationRequest("a red circle").withSize(16, 16).withSeed(1).withSteps(3));

    private final Random random = new Random(7);
    private ExecutorService threads;

    @BeforeEach
    void start() {
        threads = Executors.newFixedThreadPool(2);
    }

    @AfterEach
    void end() throws InterruptedException {
        threads.shutdownNow();
        assertThat(threads.awaitTermination(1, TimeUnit.MINUTES)).isTrue();
    }

    private static ModelRegistry registry() {
        return new ModelRegistry(new Placement(Device.cpu(), DataType.FLOAT32));
    }

    private void pause() {
        LockSupport.parkNanos(random.nextInt(LONGEST));
    }

    @Test
    void cancelled() {
        try (ModelRegistry registry = registry()) {
            JobRunner runner = new JobRunner(registry);
            for (int i = 0; i < TIMES; i++) {
                Job job = runner.start(CIRCLE, JobListener.NONE, threads);
                pause();
                job.cancel();
                assertEnds(job);
            }
            assertThat(runner.run(CIRCLE, JobListener.NONE).images()).isEqualTo(1);
        }
    }

    @Test
    void withTheRegistryClosed() {
        for (int i = 0; i < TIMES; i++) {
            ModelRegistry registry = registry();
            JobRunner runner = new JobRunner(registry);
            List<Job> jobs = new ArrayList<>();
            for (int j = 0; j < 2; j++) {
                jobs.add(runner.start(CIRCLE, JobListener.NONE, threads));
            }
            pause();
            registry.close();
            jobs.forEach(JobRaceTest::assertEnds);
        }
    }

    @Test
    void interrupted() throws InterruptedException {
        try (ModelRegistry registry = registry()) {
            JobRunner runner = new JobRunner(registry);
            for (int i = 0; i < TIMES; i++) {
                List<Throwable> ends = new ArrayList<>();
                Thread thread = new Thread(() -> runner.run(CIRCLE, JobListener.NONE));
                thread.setUncaughtExceptionHandler((t, e) -> ends.add(e));
                thread.start();
                pause();
                thread.interrupt();
                thread.join();
                assertThat(ends).allSatisfy(end -> assertThat(end).isInstanceOf(CancellationException.class));
            }
            assertThat(runner.run(CIRCLE, JobListener.NONE).images()).isEqualTo(1);
        }
    }

    private static void assertEnds(Job job) {
        try {
            assertThat(job.result().join().images()).isEqualTo(1);
        } catch (CancellationException e) {
            assertThat(job.state()).isEqualTo(Job.State.CANCELLED);
        } catch (CompletionException e) {
            Throwable cause = e.getCause() instanceof JobFailedException failed ? failed.getCause() : e.getCause();
            assertThat(cause).isInstanceOfAny(CancellationException.class, ResourceClosedException.class);
        }
    }
}
