package io.latent4j.langchain4j;

import ai.djl.Device;
import dev.langchain4j.data.image.Image;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.exception.LangChain4jException;
import dev.langchain4j.exception.RateLimitException;
import dev.langchain4j.model.image.ImageModel;
import dev.langchain4j.model.output.Response;
import io.latent4j.pipeline.model.Devices;
import io.latent4j.pipeline.model.Placement;
import io.latent4j.pipeline.request.AdapterUse;
import io.latent4j.pipeline.request.GenerationRequest;
import io.latent4j.service.JobFailedException;
import io.latent4j.service.JobResult;
import io.latent4j.service.JobRunner;
import io.latent4j.service.job.JobSpec;
import io.latent4j.service.job.MaskFile;
import io.latent4j.service.job.SourceFiles;
import io.latent4j.service.job.SourceImages;
import io.latent4j.service.queue.JobTurns;
import io.latent4j.service.registry.ModelRegistry;
import io.latent4j.service.store.QueueFullException;
import io.latent4j.textencoder.PromptSyntax;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * An {@link ImageModel} whose images are made in this process, one prompt at a time. Images are PNG files in base64, without a
 * revised prompt. The metadata of a response has {@link #MODEL}, {@link #SEEDS}, {@link #PARAMETERS} and {@link #WARNINGS}.
 *
 * <p>What is wrong with a prompt is an {@link InvalidRequestException}, too many that wait a {@link RateLimitException}, and work
 * that failed a {@link LangChain4jException} with the cause. An interrupt ends a prompt with a {@link
 * java.util.concurrent.CancellationException}. Any number of threads may use it.
 */
public final class Latent4jImageModel implements ImageModel, AutoCloseable {
    /** What the model is called, a {@code String}. */
    public static final String MODEL = "model";

    /** The seed of each image, unsigned, a {@code List<String>}. */
    public static final String SEEDS = "seeds";

    /** How each image was made, as in the text of its PNG file, a {@code List<String>}. */
    public static final String PARAMETERS = "parameters";

    /** What had no effect, or another one than expected, a {@code List<String>}. */
    public static final String WARNINGS = "warnings";

    private final Optional<ModelRegistry> registry;
    private final JobTurns jobs;
    private final JobSpec job;
    private final OptionalDouble strength;

    private Latent4jImageModel(Builder builder) {
        if (builder.jobs.isPresent()) {
            registry = Optional.empty();
            jobs = builder.jobs.get();
        } else {
            ModelRegistry own = new ModelRegistry(builder.placement());
            registry = Optional.of(own);
            jobs = new JobTurns(new JobRunner(own), builder.mostWaiting, builder.grace);
        }
        job = builder.job;
        strength = builder.strength;
    }

    /** A model that is to be set up; as it is, it is the one that ships with latent4j. */
    public static Builder builder() {
        return new Builder();
    }

    @Override
    public Response<Image> generate(String prompt) {
        return first(generate(prompt, 1));
    }

    /** Makes {@code n} images, whose seeds follow each other. */
    @Override
    public Response<List<Image>> generate(String prompt, int n) {
        return refusing(() -> run(prompted(prompt, n)));
    }

    /** Makes an image that begins with another: how much of it changes is the strength. */
    @Override
    public Response<Image> edit(Image image, String prompt) {
        return edit(image, Optional.empty(), prompt);
    }

    /**
     * Repaints a part of an image.
     *
     * @param mask of the image's size: white is repainted and black kept. If it is transparent somewhere, then what is
     *     transparent is repainted and what is opaque kept, whatever its colours are
     */
    @Override
    public Response<Image> edit(Image image, Image mask, String prompt) {
        return edit(image, Optional.of(mask), prompt);
    }

    private Response<Image> edit(Image image, Optional<Image> mask, String prompt) {
        return refusing(() -> {
            try (SourceImages images = new SourceImages()) {
                Path file = images.image(bytes(image, "the image"));
                Optional<MaskFile> masked = mask.isPresent()
                        ? Optional.of(new MaskFile(images.mask(bytes(mask.get(), "the mask")), 0, OptionalInt.empty()))
                        : Optional.empty();
                SourceFiles source = new SourceFiles(file, strength, masked, Optional.empty());
                return first(run(prompted(prompt, 1).withSource(source)));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    private static byte[] bytes(Image image, String what) {
        String data = image.base64Data();
        if (data == null) {
            throw new IllegalArgumentException(what + " is an address; expected its base64 data");
        }
        try {
            return Base64.getMimeDecoder().decode(data);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(what + " is no base64 data: " + e.getMessage(), e);
        }
    }

    private JobSpec prompted(String prompt, int n) {
        return job.withRequest(job.request()
                .withPrompt(Objects.requireNonNull(prompt, "prompt"))
                .withCount(n));
    }

    private Response<List<Image>> run(JobSpec spec) {
        PngImages made = new PngImages();
        JobResult result = jobs.run(spec, made);
        return made.response(result);
    }

    private static Response<Image> first(Response<List<Image>> response) {
        return Response.from(
                response.content().get(0), response.tokenUsage(), response.finishReason(), response.metadata());
    }

    /** What is done for a prompt. */
    private interface Work<T> {
        T run();
    }

    private static <T> T refusing(Work<T> work) {
        try {
            return work.run();
        } catch (QueueFullException e) {
            throw new RateLimitException(e.getMessage(), e);
        } catch (JobFailedException e) {
            throw new LangChain4jException(e.getMessage(), e);
        } catch (IllegalArgumentException e) { // an InvalidJobException is one
            throw new InvalidRequestException(e.getMessage(), e);
        }
    }

    /**
     * Accepts no more prompts, waits for the one that runs, and closes the models; one that runs longer than the grace ends
     * with its next step. Jobs that it was given stay as they are.
     */
    @Override
    public void close() {
        registry.ifPresent(own -> {
            jobs.close();
            own.close();
        });
    }

    /** Sets up a model. What is not set is that of the model itself; what is out of range is an {@link IllegalArgumentException}. */
    public static final class Builder {
        private static final int WAITING = 16;
        private static final Duration GRACE = Duration.ofSeconds(10);
        private static final String AUTO = "auto";

        private JobSpec job = new JobSpec(new GenerationRequest(""));
        private OptionalDouble strength = OptionalDouble.empty();
        private Optional<JobTurns> jobs = Optional.empty();
        private String device = AUTO;
        private String precision = AUTO;
        private boolean lowMemory;
        private int mostWaiting = WAITING;
        private Duration grace = GRACE;

        private Builder() {}

        /** The model's folder, file, or name on the hub; a name of the registry's, where jobs are given. */
        public Builder model(String model) {
            job = job.withModel(model);
            return this;
        }

        /** Everything that a job has but its prompt and its number of images, in place of what was set before. */
        public Builder job(JobSpec job) {
            this.job = Objects.requireNonNull(job, "job");
            return this;
        }

        private Builder with(GenerationRequest request) {
            job = job.withRequest(request);
            return this;
        }

        /** Pixels of images. */
        public Builder size(int width, int height) {
            return with(job.request().withSize(width, height));
        }

        /** Denoising steps. */
        public Builder steps(int steps) {
            return with(job.request().withSteps(steps));
        }

        /** How closely images follow the prompt. */
        public Builder guidanceScale(double guidanceScale) {
            return with(job.request().withGuidanceScale(guidanceScale));
        }

        /** A sampling method, such as {@code dpm++ 2m}. */
        public Builder scheduler(String scheduler) {
            return with(job.request().withScheduler(scheduler));
        }

        /** What images do not show. */
        public Builder negativePrompt(String negativePrompt) {
            return with(job.request().withNegativePrompt(negativePrompt));
        }

        /** Whether brackets of prompts are weights or letters. */
        public Builder promptSyntax(PromptSyntax syntax) {
            return with(job.request().withPromptSyntax(syntax));
        }

        /** The seed of every prompt's first image, read as unsigned; random if not set. */
        public Builder seed(long seed) {
            return with(job.request().withSeed(seed));
        }

        /** How much of an image that is edited is changed, above 0 and up to 1. */
        public Builder strength(double strength) {
            if (!(strength > 0 && strength <= 1)) {
                throw new IllegalArgumentException("strength is " + strength + "; expected above 0, and at most 1");
            }
            this.strength = OptionalDouble.of(strength);
            return this;
        }

        /** An adapter's file and strength, beside those that were set before. */
        public Builder adapter(Path file, double strength) {
            List<AdapterUse> adapters = new ArrayList<>(job.request().adapters());
            adapters.add(new AdapterUse(file.toString(), strength));
            return with(job.request().withAdapters(adapters));
        }

        /** {@code auto}, {@code cpu}, {@code cuda} or {@code cuda:1}. */
        public Builder device(String device) {
            this.device = Objects.requireNonNull(device, "device");
            return this;
        }

        /** The numbers that are computed with: {@code auto}, {@code float32}, {@code float16} or {@code bfloat16}. */
        public Builder precision(String precision) {
            this.precision = Devices.requirePrecision(AUTO, precision);
            return this;
        }

        /** Whether each part of the model is in memory only while it is used. */
        public Builder lowMemory(boolean lowMemory) {
            this.lowMemory = lowMemory;
            return this;
        }

        /** How many prompts may wait for the one that runs; 16 if not set. */
        public Builder mostWaiting(int mostWaiting) {
            this.mostWaiting = mostWaiting;
            return this;
        }

        /** How long the prompt that runs may go on when the model is closed; 10 seconds if not set. */
        public Builder grace(Duration grace) {
            this.grace = Objects.requireNonNull(grace, "grace");
            return this;
        }

        /**
         * What runs the jobs, which models may share; it stays the caller's to close. Device, precision, memory, waiting and
         * grace are its own then.
         */
        public Builder jobs(JobTurns jobs) {
            this.jobs = Optional.of(jobs);
            return this;
        }

        private Placement placement() {
            Device on = Devices.named(device);
            Placement placement = new Placement(on, Devices.precision(AUTO, precision, on));
            return lowMemory ? placement.offloaded() : placement;
        }

        /**
         * The model, which the caller closes. Its weights are read with the first prompt.
         *
         * @throws IllegalStateException if there is no such device
         */
        public Latent4jImageModel build() {
            return new Latent4jImageModel(this);
        }
    }
}
