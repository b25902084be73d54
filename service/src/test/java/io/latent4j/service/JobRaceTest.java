package io.latent4j.service;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.types.DataType;
import io.latent4j.core.memory.ProcessResources;
import io.latent4j.core.memory.ResourceClosedException;
import io.latent4j.pipeline.ManagedArrays;
import io.latent4j.pipeline.model.Components;
import io.latent4j.pipeline.model.Placement;
import io.latent4j.pipeline.request.GenerationRequest;
import io.latent4j.service.job.JobSpec;
import io.latent4j.service.registry.ModelRegistry;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
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
 * with the one exception of what is closed, and leaves no array, no memory and no open file. {@code -Dlatent4j.races=200}
 * is how often.
 */
class JobRaceTest {
    private static final int TIMES = Integer.getInteger("latent4j.races", 20);
    private static final int LONGEST = 60_000_000; // nanoseconds, about as long as a job
    private static final Placement CPU = new Placement(Device.cpu(), DataType.FLOAT32);
    private static final JobSpec CIRCLE = new JobSpec(
            new GenerationRequest("a red circle").withSize(16, 16).withSeed(1).withSteps(3));

    private static final int MOST_FILES = 8; // that a test leaves open: of the engine's and of tests beside this
    private static final long MOST_BYTES = 160L << 20; // a third of what 40 models take

    private final Random random = new Random(7);
    private ExecutorService threads;
    private Components model; // the last one that a registry opened
    private Optional<ProcessResources> resources;

    /** What the process holds once a job has been run with a model of its own. */
    @BeforeEach
    void start() throws IOException {
        threads = Executors.newFixedThreadPool(2);
        try (ModelRegistry registry = registry()) {
            new JobRunner(registry).run(CIRCLE, JobListener.NONE);
        }
        resources = ProcessResources.now();
    }

    @AfterEach
    void end() throws Exception {
        threads.shutdownNow();
        assertThat(threads.awaitTermination(1, TimeUnit.MINUTES)).isTrue();
        assertThat(model.manager().isOpen()).isFalse();
        if (resources.isPresent()) {
            resources.get().assertGrewBy(MOST_FILES, MOST_BYTES);
        }
    }

    private ModelRegistry registry() {
        return new ModelRegistry(CPU).addModel(ModelRegistry.EMBEDDED, () -> {
            model = Components.embedded(CPU.device(), CPU.precision());
            return model;
        });
    }

    private void pause() {
        LockSupport.parkNanos(random.nextInt(LONGEST));
    }

    @Test
    void cancelled() throws Exception {
        try (ModelRegistry registry = registry()) {
            JobRunner runner = new JobRunner(registry);
            leavesNoArray(runner, () -> {
                for (int i = 0; i < TIMES; i++) {
                    Job job = runner.start(CIRCLE, JobListener.NONE, threads);
                    pause();
                    job.cancel();
                    assertEnds(job);
                }
            });
        }
    }

    /** Runs a job before, which leaves its text's encoding in the model's cache, and one after, which ends well. */
    private void leavesNoArray(JobRunner runner, ManagedArrays.Work work) throws Exception {
        assertThat(runner.run(CIRCLE, JobListener.NONE).images()).isEqualTo(1);
        ManagedArrays.staysTheSame(model, () -> {
            work.run();
            assertThat(runner.run(CIRCLE, JobListener.NONE).images()).isEqualTo(1);
        });
    }

    @Test
    void withTheRegistryClosed() throws IOException {
        for (int i = 0; i < TIMES; i++) {
            ModelRegistry registry = registry();
            if (i % 2 == 0) {
                registry.lease(ModelRegistry.EMBEDDED).close(); // so that the jobs run, and do not load a model
            }
            JobRunner runner = new JobRunner(registry);
            List<Job> jobs = new ArrayList<>();
            for (int j = 0; j < 2; j++) {
                jobs.add(runner.start(CIRCLE, JobListener.NONE, threads));
            }
            pause();
            registry.close();
            jobs.forEach(JobRaceTest::assertEnds);
            assertThat(model.manager().isOpen()).isFalse();
        }
    }

    @Test
    void interrupted() throws Exception {
        try (ModelRegistry registry = registry()) {
            JobRunner runner = new JobRunner(registry);
            leavesNoArray(runner, () -> {
                for (int i = 0; i < TIMES; i++) {
                    interrupt(runner);
                }
            });
        }
    }

    private void interrupt(JobRunner runner) throws InterruptedException {
        List<Throwable> ends = new ArrayList<>();
        Thread thread = new Thread(() -> runner.run(CIRCLE, JobListener.NONE));
        thread.setUncaughtExceptionHandler((t, e) -> ends.add(e));
        thread.start();
        pause();
        thread.interrupt();
        thread.join();
        assertThat(ends).allSatisfy(end -> assertThat(end).isInstanceOf(CancellationException.class));
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
