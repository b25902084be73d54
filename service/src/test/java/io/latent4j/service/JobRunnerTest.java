package io.latent4j.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.latent4j.core.config.Config;
import io.latent4j.core.docs.JavaBlocks;
import io.latent4j.core.image.PngFile;
import io.latent4j.core.memory.ResourceClosedException;
import io.latent4j.core.weights.SafeTensors;
import io.latent4j.pipeline.ImageEvent;
import io.latent4j.pipeline.StageEvent;
import io.latent4j.pipeline.TextToImagePipeline;
import io.latent4j.pipeline.files.ModelFiles;
import io.latent4j.pipeline.model.Components;
import io.latent4j.pipeline.model.EmbeddedModel;
import io.latent4j.pipeline.model.Model;
import io.latent4j.pipeline.model.Placement;
import io.latent4j.pipeline.request.GenerationRequest;
import io.latent4j.pipeline.request.Variation;
import io.latent4j.service.job.InvalidJobException;
import io.latent4j.service.job.JobSpec;
import io.latent4j.service.job.RecreatedJob;
import io.latent4j.service.job.SourceFiles;
import io.latent4j.service.queue.JobEvent;
import io.latent4j.service.queue.JobQueue;
import io.latent4j.service.queue.QueueOptions;
import io.latent4j.service.queue.Submission;
import io.latent4j.service.registry.EntryKind;
import io.latent4j.service.registry.LocatedModel;
import io.latent4j.service.registry.ModelOpener;
import io.latent4j.service.registry.ModelRegistry;
import io.latent4j.service.store.ImageFolder;
import io.latent4j.service.store.MemoryJobStore;
import io.latent4j.service.store.StoredJob;
import io.latent4j.unet.UNet2DConfig;
import io.latent4j.unet.UNet2DModel;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

class JobRunnerTest {
    private static final Path PAGE = Path.of("..", "docs", "service.md");
    private static final Path SOURCE = Path.of("src/test/java/io/latent4j/service/JobRunnerTest.java");
    private static final JobSpec STAR =
            new JobSpec(new GenerationRequest("a star").withSeed(3).withSteps(2));

    @TempDir
    private Path folder;

    private ModelRegistry registry;
    private JobRunner runner;
    private ExecutorService executor;

    @BeforeEach
    void open() {
        registry = new ModelRegistry(new Placement(Device.cpu(), DataType.FLOAT32));
        runner = new JobRunner(registry);
        executor = Executors.newSingleThreadExecutor();
    }

    @AfterEach
    void close() {
        executor.shutdown();
        registry.close();
    }

    /** Writes down what happens. */
    private static class Recorder implements JobListener {
        final List<String> events = new ArrayList<>();
        final List<BufferedImage> images = new ArrayList<>();
        final List<String> texts = new ArrayList<>();

        @Override
        public void onLoading(String model) {
            events.add("loading " + model);
        }

        @Override
        public void onStart(JobStart start) {
            events.add("start of " + start.batches() + " x " + start.steps() + ", seed "
                    + start.request().batch().seed(0));
        }

        @Override
        public void onStage(StageEvent event) {
            events.add(event.stage() + " " + event.image());
        }

        @Override
        public void onStep(JobStep step) {
            assertThat(step.remaining().isNegative()).isFalse();
            events.add(step.step() + " of " + step.steps());
        }

        @Override
        public void onImage(ImageEvent event) {
            events.add("image " + event.index() + " of " + event.count());
            images.add(event.image().image());
            texts.add(event.image().parameters());
        }

        @Override
        public void onWarning(String warning) {
            events.add("warning " + warning);
        }

        @Override
        public void onDone(JobResult result) {
            events.add("done " + result.images());
        }

        @Override
        public void onFailed(Throwable error) {
            events.add("failed " + error.getMessage());
        }

        @Override
        public void onCancelled() {
            events.add("cancelled");
        }
    }

    @TestFactory
    List<DynamicTest> everyJavaBlockOfThePageIsInThisFile() throws IOException {
        return JavaBlocks.standIn(SOURCE, 3, List.of(PAGE));
    }

    @Test
    void runsTheExample() throws IOException {
        Path images = folder;
        // docs/service.md
        JobSpec spec = JobSpec.fromJson("""
                {"prompt": "a red circle", "steps": 4, "seed": 7, "count": 2}
                """);
        try (ModelRegistry models = new ModelRegistry()) {
            JobRunner jobs = new JobRunner(models);
            Job job = jobs.start(
                    spec,
                    new JobListener() {
                        @Override
                        public void onStep(JobStep step) {
                            System.out.println(step.step() + " of " + step.steps() + ", "
                                    + step.remaining().toSeconds() + " s left");
                        }

                        @Override
                        public void onImage(ImageEvent event) {
                            try {
                                Path file = images.resolve("circle-" + event.index() + ".png");
                                PngFile.write(
                                        file,
                                        event.image().image(),
                                        Map.of("parameters", event.image().parameters()));
                            } catch (IOException e) {
                                throw new UncheckedIOException(e);
                            }
                        }
                    },
                    executor);
            job.result().join(); // or job.cancel()
        }
        // end
        assertThat(folder.resolve("circle-0.png")).isRegularFile();
        assertThat(PngFile.readText(folder.resolve("circle-1.png")).get("parameters"))
                .contains("Seed: 8");
    }

    @Test
    void runsTheExamplesOfNamesAndOfTheQueue() throws IOException, InterruptedException {
        Path models = Files.createDirectory(folder.resolve("models"));
        Path loras = Files.createDirectory(folder.resolve("loras"));
        Path words = Files.createDirectory(folder.resolve("words"));
        Placement placement = new Placement(Device.cpu(), DataType.FLOAT32);
        // docs/service.md
        ModelRegistry registry = new ModelRegistry(placement, 16L << 30)
                .addFolder(EntryKind.MODEL, models)
                .addFolder(EntryKind.ADAPTER, loras)
                .addFolder(EntryKind.WORD, words)
                .listedOnly();
        // end
        List<JobEvent> shown = new CopyOnWriteArrayList<>();
        Path images = folder.resolve("images");
        JobSpec spec = STAR;
        MemoryJobStore store = new MemoryJobStore();
        // docs/service.md
        JobQueue queue = new JobQueue(new JobRunner(registry), store, new ImageFolder(images), QueueOptions.DEFAULT);
        StoredJob job = queue.submit(spec, Submission.by("ada").withPriority(1));
        queue.subscribe(job.id(), event -> shown.add(event));
        queue.await(job.id(), Duration.ofMinutes(5));
        // end
        assertThat(queue.job(job.id()).orElseThrow().images()).hasSize(1);
        assertThat(shown).isNotEmpty();
        queue.close();
        registry.close();
    }

    @Test
    void makesWhatAPipelineMakes() throws IOException {
        Recorder heard = new Recorder();
        JobSpec two = STAR.withRequest(STAR.request().withCount(2));

        JobResult result = runner.run(two, heard);

        assertThat(heard.events)
                .containsExactly(
                        "loading embedded",
                        "start of 2 x 2, seed 3",
                        "TEXT 0",
                        "DENOISING 0",
                        "1 of 4",
                        "2 of 4",
                        "DECODING 0",
                        "image 0 of 2",
                        "TEXT 1",
                        "DENOISING 1",
                        "3 of 4",
                        "4 of 4",
                        "DECODING 1",
                        "image 1 of 2",
                        "done 2");
        assertThat(result.images()).isEqualTo(2);
        try (Components parts = Components.embedded(Device.cpu(), DataType.FLOAT32)) {
            List<BufferedImage> expected =
                    new TextToImagePipeline(parts).generate(two.request()).images();
            for (int i = 0; i < 2; i++) {
                assertThat(pixels(heard.images.get(i))).isEqualTo(pixels(expected.get(i)));
            }
        }
    }

    @Test
    void whatAModelsSettingsForbidIsRefusedBeforeItsWeightsAreRead() throws IOException {
        AtomicInteger opened = new AtomicInteger();
        try (EmbeddedModel model = EmbeddedModel.unpack()) {
            ModelOpener located = new LocatedModel(
                    "shapes", () -> ModelFiles.of(model.folder()), new Placement(Device.cpu(), DataType.FLOAT32));
            registry.addModel("counted", new ModelOpener() {
                @Override
                public Model open() throws IOException {
                    opened.incrementAndGet();
                    return located.open();
                }

                @Override
                public Optional<Model> openWithoutWeights() throws IOException {
                    return located.openWithoutWeights();
                }
            });
            JobSpec star = STAR.withModel("counted");
            GenerationRequest request = star.request();
            for (JobSpec wrong : List.of(
                    star.withRequest(request.withWidth(63)),
                    star.withRequest(request.withSteps(1001)),
                    star.withRequest(request.withClipSkip(9)),
                    star.withRequest(request.withScheduler("euler").withEta(1)),
                    star.withSchedulerSettings(Map.of("solver_ordr", "3")))) {
                assertThatExceptionOfType(InvalidJobException.class)
                        .as(wrong.toJson())
                        .isThrownBy(() -> runner.run(wrong, JobListener.NONE));
            }
            assertThat(opened).hasValue(0);

            Recorder heard = new Recorder();
            runner.run(star, heard);

            assertThat(opened).hasValue(1);
            assertThat(heard.images).hasSize(1);
        }
    }

    @Test
    void makesAnImageAgainByItsText() {
        GenerationRequest request = STAR.request()
                .withNegativePrompt("rain, \"fog\"")
                .withScheduler("euler a")
                .withGuidanceScale(2.5)
                .withVariation(new Variation(-2, 0.3))
                .withCount(2)
                .withSeed(-1);
        Recorder first = new Recorder();
        runner.run(STAR.withRequest(request).withSchedulerSettings(Map.of("timestep_spacing", "trailing")), first);

        RecreatedJob made = JobSpec.of(first.texts.get(1));

        assertThat(made.warnings()).isEmpty();
        Recorder again = new Recorder();
        runner.run(made.job(), again);
        assertThat(again.texts).containsExactly(first.texts.get(1));
        assertThat(pixels(again.images.get(0))).isEqualTo(pixels(first.images.get(1)));
    }

    private static int[] pixels(BufferedImage image) {
        return image.getRGB(0, 0, image.getWidth(), image.getHeight(), null, 0, image.getWidth());
    }

    @Test
    void startsFromAFile() throws IOException {
        BufferedImage red = new BufferedImage(64, 64, BufferedImage.TYPE_INT_RGB);
        Path file = folder.resolve("red.png");
        PngFile.write(file, red, Map.of());
        Recorder heard = new Recorder();

        runner.run(STAR.withSource(new SourceFiles(file)), heard);

        try (Components parts = Components.embedded(Device.cpu(), DataType.FLOAT32)) {
            BufferedImage expected = new TextToImagePipeline(parts)
                    .generate(STAR.request().withImage(red))
                    .image();
            assertThat(pixels(heard.images.get(0))).isEqualTo(pixels(expected));
        }
    }

    @Test
    void wrongRequestsAreToldFromFailedWork() {
        Recorder heard = new Recorder();
        assertThatExceptionOfType(InvalidJobException.class)
                .isThrownBy(() -> runner.run(STAR.withRequest(STAR.request().withWidth(63)), heard))
                .withMessageContaining("width is 63");
        assertThat(heard.events).last().asString().startsWith("failed width is 63");
        assertThatExceptionOfType(InvalidJobException.class)
                .isThrownBy(() -> runner.run(STAR.withSchedulerSettings(Map.of("solver_ordr", "3")), heard))
                .withMessageContaining("solver_ordr");
        assertThatExceptionOfType(JobFailedException.class)
                .isThrownBy(
                        () -> runner.run(STAR.withModel(folder.resolve("none").toString()), heard))
                .withMessageContaining("there is no such folder or file");
        Path missing = folder.resolve("missing.png");
        assertThatExceptionOfType(JobFailedException.class)
                .isThrownBy(() -> runner.run(STAR.withSource(new SourceFiles(missing)), heard))
                .withCauseInstanceOf(IOException.class)
                .withMessageContaining(missing.toString());
    }

    @Test
    void aListenerThatThrowsEndsTheJob() {
        assertThatExceptionOfType(JobFailedException.class)
                .isThrownBy(() -> runner.run(STAR, new JobListener() {
                    @Override
                    public void onImage(ImageEvent event) {
                        throw new UncheckedIOException(new IOException("the disk is full"));
                    }
                }))
                .withMessageContaining("the disk is full");
    }

    @Test
    void cancelsWithinOneStep() {
        AtomicReference<Job> handle = new AtomicReference<>();
        Recorder heard = new Recorder() {
            @Override
            public void onStep(JobStep step) {
                super.onStep(step);
                handle.get().cancel();
            }
        };
        List<Runnable> queue = new ArrayList<>();
        Job job = runner.start(STAR, heard, queue::add);
        handle.set(job);
        assertThat(job.state()).isEqualTo(Job.State.WAITING);

        queue.get(0).run();

        assertThat(job.state()).isEqualTo(Job.State.CANCELLED);
        assertThat(heard.events).containsSubsequence("1 of 2", "cancelled").doesNotContain("2 of 2");
        assertThatExceptionOfType(CompletionException.class)
                .isThrownBy(() -> job.result().join())
                .withCauseInstanceOf(CancellationException.class);
    }

    @Test
    void anInterruptWhileAModelIsReadCancels() {
        registry.addModel("slow", () -> {
            throw new ClosedByInterruptException();
        });
        Recorder heard = new Recorder();

        assertThatExceptionOfType(CancellationException.class)
                .isThrownBy(() -> runner.run(STAR.withModel("slow"), heard))
                .withCauseInstanceOf(ClosedByInterruptException.class);

        assertThat(heard.events).containsExactly("loading slow", "cancelled");
    }

    @Test
    void aCancelledJobNeverBegins() {
        List<Runnable> queue = new ArrayList<>();
        Recorder heard = new Recorder();
        Job job = runner.start(STAR, heard, queue::add);
        job.cancel();

        queue.get(0).run();

        assertThat(heard.events).containsExactly("cancelled");
        assertThat(registry.isOpen(ModelRegistry.EMBEDDED)).isFalse();
    }

    @Test
    void closingTheRegistryEndsJobs() {
        AtomicReference<Thread> closing = new AtomicReference<>();
        Job job = runner.start(
                STAR,
                new JobListener() {
                    @Override
                    public void onStep(JobStep step) {
                        Thread closer = new Thread(registry::close);
                        closing.set(closer);
                        closer.start();
                        while (closer.getState() != Thread.State.WAITING) { // until it waits for this job
                            Thread.onSpinWait();
                        }
                    }
                },
                executor);

        assertThatExceptionOfType(CompletionException.class)
                .isThrownBy(() -> job.result().join())
                .withRootCauseInstanceOf(ResourceClosedException.class);
        assertThat(job.state()).isEqualTo(Job.State.FAILED);
        assertThat(registry.isOpen(ModelRegistry.EMBEDDED)).isFalse();
    }

    @Test
    void runsAModelThatTakesNoText() throws IOException {
        Path unet = Files.createDirectories(folder.resolve("dots/unet"));
        Files.writeString(folder.resolve("dots/model_index.json"), "{\"_class_name\": \"DDPMPipeline\"}");
        Files.writeString(
                Files.createDirectories(folder.resolve("dots/scheduler")).resolve("scheduler_config.json"),
                "{\"_class_name\": \"DDPMScheduler\"}");
        Path config = Files.writeString(unet.resolve("config.json"), """
                {"block_out_channels": [8], "layers_per_block": 1, "norm_num_groups": 4, "add_attention": false,
                 "down_block_types": ["DownBlock2D"], "up_block_types": ["UpBlock2D"], "sample_size": 8}""");
        Map<String, NDArray> zeros = new TreeMap<>();
        try (NDManager manager = NDManager.newBaseManager()) {
            new UNet2DModel(UNet2DConfig.from(Config.read(config)))
                    .shapes()
                    .forEach((key, shape) -> zeros.put(key, manager.zeros(shape)));
            SafeTensors.write(unet.resolve("diffusion_pytorch_model.safetensors"), zeros, Map.of());
        }
        GenerationRequest request =
                new GenerationRequest("").withSeed(3).withSteps(2).withCount(2);
        JobSpec job = new JobSpec(request).withModel("dots");
        registry.addModel("dots", folder.resolve("dots").toString());
        Recorder heard = new Recorder();

        JobResult result = runner.run(job, heard);

        assertThat(result.model()).isEqualTo("dots");
        assertThat(heard.events)
                .containsSubsequence(
                        "loading dots", "start of 2 x 2, seed 3", "1 of 4", "image 0 of 2", "4 of 4", "done 2");
        assertThat(heard.texts.get(1)).startsWith("Steps: 2, Sampler: DDPM, Seed: 4, Size: 8x8, Model: dots");
        assertThat(registry.isOpen("dots")).isTrue();
        assertThatExceptionOfType(InvalidJobException.class)
                .isThrownBy(() -> runner.run(job.withPreview(JobSpec.LINEAR), heard))
                .withMessageContaining(
                        "was trained without texts, and makes pixels of noise alone; expected no preview");
        assertThatExceptionOfType(InvalidJobException.class)
                .isThrownBy(() -> runner.run(job.withRequest(new GenerationRequest("a boat")), heard))
                .withMessageContaining("expected no prompt");
        registry.close();
        assertThat(registry.isOpen("dots")).isFalse();
    }

    @Test
    void runsAFamilyThatItDoesNotKnow() throws IOException {
        Files.writeString(folder.resolve("model_index.json"), "{\"_class_name\": \"ToyPipeline\"}");
        Files.createDirectories(folder.resolve("scheduler"));
        Files.writeString(
                folder.resolve("scheduler").resolve("scheduler_config.json"),
                "{\"_class_name\": \"DDIMScheduler\", \"prediction_type\": \"epsilon\", \"clip_sample\": false}");
        registry.addModel("toy", folder.toString());
        Recorder heard = new Recorder();

        runner.run(
                JobSpec.fromJson(
                        "{\"model\": \"toy\", \"prompt\": \"aza\", \"seed\": 0, \"guidance\": {\"scale\": 1}}"),
                heard);

        int colour = heard.images.get(0).getRGB(5, 7); // a is none of red and blue, z is all of green
        assertThat(colour >> 16 & 255).isLessThan(3);
        assertThat(colour >> 8 & 255).isGreaterThan(252);
        assertThat(colour & 255).isLessThan(3);
    }

    @Test
    void readsTheWordsOfTheRegistryThatAPromptHas() throws IOException {
        try (NDManager manager = NDManager.newBaseManager(Device.cpu())) {
            Path words = Files.createDirectory(folder.resolve("words"));
            for (Map.Entry<String, Long> word :
                    Map.of("zorp", 128L, "other", 7L).entrySet()) {
                NDArray vectors = manager.ones(new Shape(1, word.getValue()));
                SafeTensors.write(
                        words.resolve(word.getKey() + ".safetensors"), Map.of("emb_params", vectors), Map.of());
            }
            Files.writeString(words.resolve("broken.pt"), "no tensors");
            registry.addFolder(EntryKind.WORD, words);
        }
        List<int[]> images = new ArrayList<>();
        for (String prompt : List.of("a Zorp", "a blorp", "zorps", "another other, broken")) {
            Recorder heard = new Recorder();
            runner.run(STAR.withRequest(STAR.request().withPrompt(prompt)), heard);
            images.add(pixels(heard.images.get(0)));
            List<String> warnings = heard.events.stream()
                    .filter(event -> event.startsWith("warning the learned word"))
                    .toList();
            if (prompt.contains("broken")) {
                assertThat(warnings)
                        .containsExactly(
                                "warning the learned word broken has no effect: its file cannot be read",
                                "warning the learned word other has no effect: it is for another kind of model");
            } else {
                assertThat(warnings).isEmpty();
            }
        }
        Recorder without = new Recorder();
        Files.delete(folder.resolve("words/zorp.safetensors"));
        registry.rescan();
        runner.run(STAR.withRequest(STAR.request().withPrompt("a Zorp")), without);
        assertThat(pixels(without.images.get(0))).isNotEqualTo(images.get(0));
    }
}
