package io.latent4j.service;

import io.latent4j.core.image.ImageDecoder;
import io.latent4j.pipeline.Generation;
import io.latent4j.pipeline.ImageEvent;
import io.latent4j.pipeline.Progress;
import io.latent4j.pipeline.StageEvent;
import io.latent4j.pipeline.StepEvent;
import io.latent4j.pipeline.TextToImagePipeline;
import io.latent4j.pipeline.UnconditionalPipeline;
import io.latent4j.pipeline.model.Model;
import io.latent4j.pipeline.model.ModelDefaults;
import io.latent4j.pipeline.request.GenerationRequest;
import io.latent4j.pipeline.request.Inpainting;
import io.latent4j.schedulers.Steps;
import io.latent4j.service.job.InvalidJobException;
import io.latent4j.service.job.JobSpec;
import io.latent4j.service.job.MaskFile;
import io.latent4j.service.job.SourceFiles;
import io.latent4j.service.registry.ModelLease;
import io.latent4j.service.registry.ModelRegistry;
import io.latent4j.service.registry.PixelLease;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileLockInterruptionException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.Executor;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** Runs jobs with the models of a registry. Any number of threads may use it; it holds nothing that is to be closed. */
public final class JobRunner {
    private final ModelRegistry registry;

    /** @param registry stays the caller's to close, which ends the jobs that run */
    public JobRunner(ModelRegistry registry) {
        this.registry = registry;
    }

    /**
     * Runs a job on a thread of {@code executor}.
     *
     * @return the job's handle, by which it can be cancelled
     */
    public Job start(JobSpec spec, JobListener listener, Executor executor) {
        Job job = new Job(spec);
        executor.execute(() -> job.run(() -> run(spec, listener, job)));
        return job;
    }

    /**
     * Runs a job on this thread. Images go to {@code listener} as they are finished, and are not kept.
     *
     * @throws InvalidJobException if the job cannot be run as it is described
     * @throws JobFailedException if its work failed, with the cause
     * @throws CancellationException if {@code listener} or an interrupt ended it
     */
    public JobResult run(JobSpec spec, JobListener listener) {
        return run(spec, listener, new Job(spec));
    }

    private JobResult run(JobSpec spec, JobListener listener, Job job) {
        try {
            JobResult result = uninterrupted(() -> work(spec, listener, job));
            listener.onDone(result);
            return result;
        } catch (CancellationException e) {
            listener.onCancelled();
            throw e;
        } catch (InvalidJobException | JobFailedException e) {
            listener.onFailed(e);
            throw e;
        } catch (RuntimeException e) {
            JobFailedException failed = new JobFailedException(e);
            listener.onFailed(failed);
            throw failed;
        } catch (Error e) {
            listener.onFailed(e);
            throw e;
        }
    }

    /** Returns what {@code work} does; an interrupt of its reading is a cancellation. */
    private static JobResult uninterrupted(Supplier<JobResult> work) {
        try {
            return work.get();
        } catch (RuntimeException e) {
            for (Throwable cause = e; cause != null; cause = cause.getCause()) {
                if (cause instanceof ClosedByInterruptException
                        || cause instanceof FileLockInterruptionException
                        || cause instanceof InterruptedException) {
                    throw cancelled(cause);
                }
            }
            throw e;
        }
    }

    private static CancellationException cancelled(Throwable cause) {
        CancellationException cancelled = new CancellationException("the job was interrupted");
        cancelled.initCause(cause);
        return cancelled;
    }

    /** A step of a job's work. */
    @FunctionalInterface
    private interface Work<T> {
        T run() throws IOException;
    }

    /** Returns what {@code work} does; files' errors are failures, and refusals are those of the request. */
    private static <T> T asked(Work<T> work) {
        try {
            return work.run();
        } catch (IOException e) {
            throw new JobFailedException(e);
        } catch (InvalidJobException e) {
            throw e;
        } catch (IllegalArgumentException e) {
            throw new InvalidJobException(e.getMessage(), e);
        }
    }

    private JobResult work(JobSpec spec, JobListener listener, Job job) {
        checkNotCancelled(listener, job);
        GenerationRequest request =
                asked(() -> withReferences(withSource(spec), spec).seeded());
        List<BufferedImage> controls = new ArrayList<>();
        for (var control : spec.controls()) {
            controls.add(asked(() -> ImageDecoder.decode(control.image())));
        }
        String name = spec.model().orElse(ModelRegistry.EMBEDDED);
        listener.onLoading(ModelRegistry.title(name));
        if (opened(() -> registry.takesNoText(name))) {
            return pixels(name, spec, request, listener, job);
        }
        check(name, spec, request);
        try (ModelLease model = lease(name)) {
            checkNotCancelled(listener, job);
            OpenJob open = asked(() -> OpenJob.of(registry, model, spec, request, controls));
            try (Refiner refiner = asked(() -> refiner(spec, open))) {
                TextToImagePipeline pipeline = refiner.pipeline();
                Maker maker =
                        new Maker(model.model().name(), model.model().defaults(), pipeline::generate, model::check);
                return images(maker, open.request(), open.warnings(), listener, job);
            }
        }
    }

    private static void checkNotCancelled(JobListener listener, Job job) {
        if (job.isCancelled() || listener.cancelled() || Thread.currentThread().isInterrupted()) {
            throw new CancellationException("the job was cancelled");
        }
    }

    /** Makes the images of a model that takes no text. */
    private JobResult pixels(String name, JobSpec spec, GenerationRequest request, JobListener listener, Job job) {
        asked(() -> {
            checkForPixels(ModelRegistry.title(name), spec);
            return spec;
        });
        try (PixelLease lease = opened(() -> registry.leasePixels(name))) {
            checkNotCancelled(listener, job);
            UnconditionalPipeline pipeline = asked(() -> lease.pipeline()
                    .withScheduler(OpenJob.set(lease.pipeline().scheduler(), spec.schedulerSettings())));
            Maker maker = new Maker(pipeline.name(), pipeline.defaults(), pipeline::generate, lease::check);
            return images(maker, request, List.of(), listener, job);
        }
    }

    /** What the pipeline cannot see in the request. */
    private static void checkForPixels(String model, JobSpec spec) {
        Map<String, Boolean> asked = new LinkedHashMap<>();
        asked.put("controls", !spec.controls().isEmpty());
        asked.put("references", !spec.references().isEmpty());
        asked.put("refiner", spec.refiner().isPresent());
        asked.put("embeddings", !spec.embeddings().isEmpty());
        asked.put("preview", spec.preview().isPresent());
        String tooMuch = asked.entrySet().stream()
                .filter(Map.Entry::getValue)
                .map(each -> "no " + each.getKey())
                .collect(Collectors.joining(", "));
        if (!tooMuch.isEmpty()) {
            throw new IllegalArgumentException(
                    model + " was trained without texts, and makes pixels of noise alone; expected " + tooMuch);
        }
    }

    /**
     * What makes a job's images.
     *
     * @param model what the model is called
     * @param check throws if the model is being closed
     */
    private record Maker(
            String model,
            ModelDefaults defaults,
            BiFunction<GenerationRequest, Progress, Generation> pipeline,
            Runnable check) {}

    /** Refuses what the model's settings forbid, before its weights are read. */
    private void check(String name, JobSpec spec, GenerationRequest request) {
        Optional<Model> light = opened(() -> registry.openWithoutWeights(name));
        if (light.isEmpty()) {
            return;
        }
        try (Model model = light.get()) {
            asked(() -> {
                new TextToImagePipeline(OpenJob.applied(model, List.of(), spec))
                        .check(request.withAdapters(List.of()).withControls(List.of()));
                return model;
            });
        }
    }

    private ModelLease lease(String name) {
        return opened(() -> registry.lease(name));
    }

    /** A model that cannot be opened is not the request's fault. */
    private static <T> T opened(Work<T> open) {
        try {
            return open.run();
        } catch (IOException | RuntimeException e) {
            throw new JobFailedException(e);
        }
    }

    private static GenerationRequest withReferences(GenerationRequest request, JobSpec spec) throws IOException {
        List<BufferedImage> references = new ArrayList<>();
        for (Path file : spec.references()) {
            references.add(ImageDecoder.decode(file));
        }
        return request.withReferences(references);
    }

    private static GenerationRequest withSource(JobSpec spec) throws IOException {
        if (spec.source().isEmpty()) {
            return spec.request();
        }
        SourceFiles source = spec.source().get();
        GenerationRequest request = spec.request().withImage(ImageDecoder.decode(source.image()));
        if (source.mask().isPresent()) {
            MaskFile mask = source.mask().get();
            request = request.withInpainting(
                    new Inpainting(ImageDecoder.decode(mask.image()), mask.blur(), mask.padding()));
        }
        if (source.expansion().isPresent()) {
            request = request.withExpansion(source.expansion().get());
        }
        return source.strength().isPresent()
                ? request.withStrength(source.strength().getAsDouble())
                : request;
    }

    /** A pipeline, and the use of its refiner until this is closed. */
    private record Refiner(TextToImagePipeline pipeline, Optional<ModelLease> lease) implements AutoCloseable {
        @Override
        public void close() {
            lease.ifPresent(ModelLease::close);
        }
    }

    private Refiner refiner(JobSpec spec, OpenJob open) throws IOException {
        if (spec.refiner().isEmpty()) {
            return new Refiner(open.pipeline(), Optional.empty());
        }
        ModelLease lease = registry.lease(spec.refiner().get().model());
        try {
            return new Refiner(
                    open.pipeline()
                            .withRefiner(
                                    open.refining(lease, spec),
                                    spec.refiner().get().from()),
                    Optional.of(lease));
        } catch (RuntimeException | Error e) {
            lease.close();
            throw e;
        }
    }

    /** Makes one batch after the other, so that none is kept. */
    private static JobResult images(
            Maker maker, GenerationRequest request, List<String> before, JobListener listener, Job job) {
        int count = request.batch().count();
        int size = request.batch().batchSize();
        int steps = request.sampling()
                .steps()
                .map(Steps::count)
                .orElse(maker.defaults().steps());
        int batches = (count - 1) / size + 1;
        List<String> warnings = new ArrayList<>(before);
        warnings.forEach(listener::onWarning);
        listener.onStart(new JobStart(maker.model(), request, steps, batches));
        BatchProgress progress = new BatchProgress(listener, job, maker.check(), count, batches);
        for (int first = 0; first < count; first += size) {
            GenerationRequest part = request.part(first, Math.min(size, count - first));
            progress.batch(first);
            List<String> told =
                    asked(() -> maker.pipeline().apply(part, progress)).warnings();
            if (first == 0) {
                told.forEach(listener::onWarning);
                warnings.addAll(told);
            }
        }
        return new JobResult(maker.model(), count, warnings);
    }

    /** Passes a batch's events on as those of the job. */
    private static final class BatchProgress implements Progress {
        private final JobListener listener;
        private final Job job;
        private final Runnable check;
        private final int count;
        private final int batches;
        private int first;
        private int done;
        private long denoising; // nanoseconds
        private long since;

        BatchProgress(JobListener listener, Job job, Runnable check, int count, int batches) {
            this.listener = listener;
            this.job = job;
            this.check = check;
            this.count = count;
            this.batches = batches;
        }

        void batch(int first) {
            this.first = first;
        }

        @Override
        public void onStage(StageEvent event) {
            since = System.nanoTime();
            listener.onStage(new StageEvent(event.stage(), first + event.image(), event.images()));
        }

        @Override
        public void onStep(StepEvent event) {
            long now = System.nanoTime();
            denoising += now - since;
            done++;
            int all = event.steps() * batches;
            Duration remaining = Duration.ofNanos((long) ((double) denoising / done * Math.max(0, all - done)));
            listener.onStep(new JobStep(
                    done,
                    all,
                    remaining,
                    new StepEvent(
                            event.step(),
                            event.steps(),
                            first + event.image(),
                            event.images(),
                            event.remaining(),
                            event.level(),
                            event.latents(),
                            event.preview())));
            since = System.nanoTime();
        }

        @Override
        public void onImage(ImageEvent event) {
            listener.onImage(new ImageEvent(first + event.index(), count, event.image()));
        }

        @Override
        public boolean cancelled() {
            check.run();
            return job.isCancelled() || listener.cancelled();
        }
    }
}
