package io.latent4j.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import ai.djl.Device;
import ai.djl.ndarray.types.DataType;
import io.latent4j.core.memory.ProcessResources;
import io.latent4j.core.memory.ResourceClosedException;
import io.latent4j.lora.Lora;
import io.latent4j.pipeline.model.Components;
import io.latent4j.pipeline.model.ControlNet;
import io.latent4j.pipeline.model.EmbeddedModel;
import io.latent4j.pipeline.model.PreviewDecoder;
import io.latent4j.pipeline.request.AdapterUse;
import io.latent4j.pipeline.request.ControlInput;
import io.latent4j.pipeline.request.GenerationRequest;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** All that a run uses is closed at random moments, and runs are cancelled and interrupted at such. */
@ExtendWith(EmbeddedParts.class)
final class CloseWhileRunningTest {
    private static final GenerationRequest REQUEST = new GenerationRequest("a red circle")
            .withSize(16, 16)
            .withSteps(3)
            .withSeed(0)
            .withScheduler("euler");
    private static final int CLOSES = 40; // for each of five kinds
    private static final int ENDS = 200; // cancelled, and as many interrupted
    private static final int RUNNERS = 2;
    private static final int LONGEST = 40_000_000; // nanoseconds, about as long as a run
    private static final int MOST_FILES = 8; // that a test leaves open: of the engine's and of tests beside this
    private static final long MOST_BYTES = 160L << 20; // a third of what 40 models take

    @TempDir
    private static Path folder;

    private static final Random RANDOM = new Random(5);
    private static Components parts;
    private static EmbeddedModel files;
    private static ExecutorService threads;

    private Optional<ProcessResources> resources;

    @BeforeAll
    static void start(Components embedded) throws IOException {
        parts = embedded;
        files = EmbeddedModel.unpack();
        threads = Executors.newFixedThreadPool(RUNNERS);
    }

    /** What the process holds once it has made an image with a model of its own. */
    @BeforeEach
    void warmUp() throws IOException {
        try (Components own = loaded()) {
            new TextToImagePipeline(own).generate(REQUEST);
        }
        resources = ProcessResources.now();
    }

    @AfterEach
    void filesAndMemoryAreGivenBack() throws IOException {
        if (resources.isPresent()) {
            resources.get().assertGrewBy(MOST_FILES, MOST_BYTES);
        }
    }

    @AfterAll
    static void end() throws IOException {
        threads.shutdownNow();
        files.close();
    }

    private static Components loaded() throws IOException {
        return Components.load(files.folder(), Device.cpu(), DataType.FLOAT32);
    }

    /** Closes something at a random moment of runs that use it: each ends in an image or the one exception. */
    private static void closeDuring(TextToImagePipeline pipeline, GenerationRequest request, AutoCloseable used)
            throws Exception {
        List<Future<Generation>> runs = new ArrayList<>();
        for (int i = 0; i < RUNNERS; i++) {
            runs.add(threads.submit(() -> pipeline.generate(
                    request, event -> assertThat(event.preview().get()).hasSize(1))));
        }
        LockSupport.parkNanos(RANDOM.nextInt(LONGEST));
        used.close();
        for (Future<Generation> run : runs) {
            try {
                assertThat(run.get().images()).hasSize(1);
            } catch (ExecutionException e) {
                assertThat(e.getCause()).isInstanceOf(ResourceClosedException.class);
            }
        }
    }

    @Test
    void aModel() throws Exception {
        for (int i = 0; i < CLOSES; i++) {
            Components own = loaded();
            closeDuring(new TextToImagePipeline(own), REQUEST, own);
            assertThat(own.manager().isOpen()).isFalse();
        }
    }

    @Test
    void anAdapter() throws Exception {
        Path file = AdapterFile.write(folder.resolve("ink.safetensors"), 1);
        for (int i = 0; i < CLOSES; i++) {
            Lora ink = parts.lora(file);
            closeDuring(
                    new TextToImagePipeline(parts).withAdapters(ink), REQUEST.withAdapters(new AdapterUse("ink")), ink);
        }
        checkNothingIsLeft();
    }

    /** The cache of texts keeps some arrays of every new adapter, so a run without one is what is compared. */
    private static void checkNothingIsLeft() throws Exception {
        TextToImagePipeline pipeline = new TextToImagePipeline(parts);
        pipeline.generate(REQUEST);
        ManagedArrays.staysTheSame(parts, () -> pipeline.generate(REQUEST));
    }

    @Test
    void aControlNetwork() throws Exception {
        Path written = ControlNetFolder.write(folder.resolve("net"));
        BufferedImage edges = new BufferedImage(16, 16, BufferedImage.TYPE_INT_RGB);
        new TextToImagePipeline(parts).generate(REQUEST);
        ManagedArrays.staysTheSame(parts, () -> {
            for (int i = 0; i < CLOSES; i++) {
                ControlNet net = parts.controlNet(written);
                closeDuring(
                        new TextToImagePipeline(parts).withControlNets(net),
                        REQUEST.withControls(new ControlInput("net", edges)),
                        net);
            }
        });
    }

    @Test
    void aPreviewDecoder() throws Exception {
        new TextToImagePipeline(parts).generate(REQUEST);
        ManagedArrays.staysTheSame(parts, () -> {
            for (int i = 0; i < CLOSES; i++) {
                PreviewDecoder previews = parts.linearPreviews();
                closeDuring(new TextToImagePipeline(parts).withPreviews(previews), REQUEST, previews);
            }
        });
    }

    @Test
    void aRefiner() throws Exception {
        new TextToImagePipeline(parts).generate(REQUEST);
        ManagedArrays.staysTheSame(parts, () -> {
            for (int i = 0; i < CLOSES; i++) {
                Components refiner = loaded();
                closeDuring(new TextToImagePipeline(parts).withRefiner(refiner, 0.5), REQUEST, refiner);
            }
        });
    }

    @Test
    void cancelsAndInterruptsLeaveNothingBehind() throws Exception {
        TextToImagePipeline pipeline = new TextToImagePipeline(parts);
        pipeline.generate(REQUEST);
        ManagedArrays.staysTheSame(parts, () -> {
            for (int i = 0; i < ENDS; i++) {
                CompletableFuture<Generation> run = pipeline.generateAsync(REQUEST, Progress.NONE, threads);
                LockSupport.parkNanos(RANDOM.nextInt(LONGEST));
                boolean cancelled = run.cancel(true);
                assertThat(run.isCancelled()).isEqualTo(cancelled);
                interrupt(pipeline);
            }
            threads.shutdown();
            assertThat(threads.awaitTermination(1, TimeUnit.MINUTES)).isTrue();
            threads = Executors.newFixedThreadPool(RUNNERS);
        });
    }

    private static void interrupt(TextToImagePipeline pipeline) throws InterruptedException {
        List<Throwable> ends = new ArrayList<>();
        Thread thread = new Thread(() -> pipeline.generate(REQUEST));
        thread.setUncaughtExceptionHandler((t, e) -> ends.add(e));
        thread.start();
        LockSupport.parkNanos(RANDOM.nextInt(LONGEST));
        thread.interrupt();
        thread.join();
        assertThat(ends).allSatisfy(end -> assertThat(end).isInstanceOf(CancellationException.class));
    }

    @Test
    void whatIsClosedIsRefusedWhereItIsUsed() throws Exception {
        Lora fog = parts.lora(AdapterFile.write(folder.resolve("fog.safetensors"), 1));
        TextToImagePipeline pipeline = new TextToImagePipeline(parts).withAdapters(fog);
        fog.close();
        assertThat(pipeline.generate(REQUEST).images()).hasSize(1);
        assertThatExceptionOfType(ResourceClosedException.class)
                .isThrownBy(() -> pipeline.generate(REQUEST.withAdapters(new AdapterUse("fog"))))
                .withMessageStartingWith("the adapter fog is closed");
    }
}
