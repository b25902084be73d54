package io.latent4j.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDManager;
import com.google.common.base.Throwables;
import io.latent4j.core.memory.ProcessResources;
import io.latent4j.core.memory.ResourceClosedException;
import io.latent4j.training.config.StartOptions;
import io.latent4j.training.run.TrainingLoop;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Trainings are closed, stopped and interrupted at random moments; {@code -Dlatent4j.closes=200} does so more often. None
 * ends the process or leaves an array, memory or an open file, and each goes on to the end when it is opened again.
 */
class CloseWhileTrainingTest {
    private static final int TIMES = Integer.getInteger("latent4j.closes", 4); // for each of six kinds
    private static final int LONGEST = 200_000_000; // nanoseconds, about as long as a run
    private static final int STEPS = 6;
    private static final int MOST_FILES = 8; // that the ends leave open: of the engine's and of tests beside this
    private static final long MOST_BYTES = 160L << 20; // a third of what 40 models take

    private static final String DDPM = """
            output: run
            data: {scenes: 12, size: 8, set_aside: 4}
            unet:
              config: {in_channels: 3, out_channels: 3, block_out_channels: [8, 8], layers_per_block: 1,
                norm_num_groups: 4, attention_head_dim: null, add_attention: false,
                down_block_types: [DownBlock2D, DownBlock2D], up_block_types: [UpBlock2D, UpBlock2D]}
            scheduler: {num_train_timesteps: 20}
            samples: {count: 1, steps: 2}
            training: {steps: %d, batch: 4, checkpoint_every: 2, log_every: 1, validate_every: 2, sample_every: 2,
              ema: 0.9}
            """.formatted(STEPS);

    private static final String LORA = """
            output: run
            data: {scenes: 6, set_aside: 2, size: 16}
            adapter: {rank: 2}
            samples: {prompts: [a star], steps: 2}
            training: {steps: %d, batch: 2, checkpoint_every: 2, log_every: 1, validate_every: 2, sample_every: 2}
            """.formatted(STEPS);

    private final Random random = new Random(11);

    @TempDir
    private Path folder;

    /** How a training is ended. */
    private enum End {
        CLOSE,
        STOP,
        INTERRUPT
    }

    /** Stops a run when it is told to. */
    private static final class Stop implements TrainingLoop.Watcher {
        private volatile boolean stopping;

        @Override
        public boolean stopping() {
            return stopping;
        }
    }

    @ParameterizedTest
    @EnumSource(End.class)
    void aModelInTraining(End end) throws Exception {
        end(TrainingKind.DDPM, DDPM, end);
    }

    @ParameterizedTest
    @EnumSource(End.class)
    void anAdapterInTraining(End end) throws Exception {
        end(TrainingKind.LORA, LORA, end);
    }

    private void end(TrainingKind kind, String run, End end) throws Exception {
        Path file = Files.writeString(folder.resolve("run.yaml"), run);
        try (NDManager base = NDManager.newBaseManager()) {
            end(base, kind, file, end); // what the process holds once a training was run
            Optional<ProcessResources> resources = ProcessResources.now();
            for (int i = 0; i < TIMES; i++) {
                end(base, kind, file, end);
                assertThat(base.getManagedArrays()).isEmpty();
            }
            if (resources.isPresent()) {
                resources.get().assertGrewBy(MOST_FILES, MOST_BYTES);
            }
        }
    }

    private void end(NDManager base, TrainingKind kind, Path file, End end) throws Exception {
        NDManager own = base.newSubManager();
        Stop watcher = new Stop();
        StartOptions fresh = new StartOptions(true, List.of());
        Training training = kind.open(file, fresh, own, watcher);
        FutureTask<Optional<Path>> task = new FutureTask<>(training::run);
        Thread thread = new Thread(task, "training");
        thread.start();
        LockSupport.parkNanos(random.nextInt(LONGEST));
        switch (end) {
            case CLOSE -> training.close();
            case STOP -> watcher.stopping = true;
            case INTERRUPT -> thread.interrupt();
        }
        check(task, end);
        thread.join();
        training.close();
        own.close();
        try (NDManager again = base.newSubManager();
                Training rest = kind.open(file, StartOptions.DEFAULT, again, new Stop())) {
            assertThat(rest.run()).isPresent();
        }
    }

    /** A run that was ended has a result, or none as it goes on later, or the one exception of its end. */
    private static void check(FutureTask<Optional<Path>> task, End end) throws InterruptedException {
        try {
            task.get().ifPresent(written -> assertThat(written).exists());
        } catch (ExecutionException e) {
            List<Throwable> causes = Throwables.getCausalChain(e.getCause());
            assertThat(causes)
                    .as("%s: %s", end, Throwables.getStackTraceAsString(e))
                    .anyMatch(cause -> switch (end) {
                        case CLOSE -> cause instanceof ResourceClosedException;
                        case STOP -> cause instanceof CancellationException;
                        case INTERRUPT ->
                            cause instanceof CancellationException
                                    || cause instanceof ClosedByInterruptException
                                    || cause instanceof InterruptedException;
                    });
        }
    }

    @Test
    void aTrainingThatIsClosedTwiceStaysClosed() throws IOException {
        Path file = Files.writeString(folder.resolve("run.yaml"), DDPM);
        try (NDManager base = NDManager.newBaseManager()) {
            Training training = TrainingKind.DDPM.open(file, StartOptions.DEFAULT, base.newSubManager(), new Stop());
            training.close();
            training.close();
            assertThatThrownBy(training::run)
                    .isInstanceOf(ResourceClosedException.class)
                    .hasMessageContaining("the training is closed");
            assertThat(base.getManagedArrays()).isEmpty();
        }
    }
}
