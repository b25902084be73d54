package io.latent4j.spring;

import io.latent4j.core.image.PngFile;
import io.latent4j.pipeline.GeneratedImage;
import io.latent4j.pipeline.ImageEvent;
import io.latent4j.pipeline.request.AdapterUse;
import io.latent4j.service.JobFailedException;
import io.latent4j.service.JobListener;
import io.latent4j.service.JobResult;
import io.latent4j.service.job.InvalidJobException;
import io.latent4j.service.job.JobSpec;
import io.latent4j.service.job.SourceImages;
import io.latent4j.service.queue.JobTurns;
import io.latent4j.service.registry.ModelRegistry;
import io.latent4j.service.store.QueueFullException;
import io.micrometer.observation.ObservationRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.springframework.ai.image.Image;
import org.springframework.ai.image.ImageGeneration;
import org.springframework.ai.image.ImageModel;
import org.springframework.ai.image.ImagePrompt;
import org.springframework.ai.image.ImageResponse;
import org.springframework.ai.image.ImageResponseMetadata;
import org.springframework.ai.image.observation.DefaultImageModelObservationConvention;
import org.springframework.ai.image.observation.ImageModelObservationContext;
import org.springframework.ai.image.observation.ImageModelObservationConvention;
import org.springframework.ai.image.observation.ImageModelObservationDocumentation;
import org.springframework.ai.retry.NonTransientAiException;
import org.springframework.ai.retry.TransientAiException;

/**
 * An {@link ImageModel} whose images are made in this process, one prompt at a time. Messages of a negative weight say what
 * images do not show; a message may carry an image to start from, and a mask of the name {@code mask}.
 *
 * <p>Any number of threads may use it. It holds nothing that is to be closed.
 */
public final class Latent4jImageModel implements ImageModel {
    /** The name of this provider in settings and observations. */
    public static final String PROVIDER = "latent4j";

    /** The key of the response's metadata under which the model's name is, a {@code String}. */
    public static final String MODEL = "model";

    /** The key of the response's metadata under which warnings are, a {@code List<String>}. */
    public static final String WARNINGS = "warnings";

    private static final ImageModelObservationConvention USUAL = new DefaultImageModelObservationConvention();

    private final JobTurns jobs;
    private final Latent4jImageOptions options;
    private final Set<String> models;
    private final Set<String> adapters;
    private final ObservationRegistry observations;
    private final ImageModelObservationConvention convention;

    private Latent4jImageModel(Builder builder) {
        jobs = builder.jobs;
        options = builder.options;
        models = new TreeSet<>(builder.models);
        models.add(ModelRegistry.EMBEDDED);
        if (options.model() != null) {
            models.add(options.model());
        }
        adapters = new TreeSet<>(builder.adapters);
        observations = builder.observations;
        convention = builder.convention;
    }

    /**
     * Sets what a model is made of.
     *
     * @param jobs stays the caller's to close
     */
    public static Builder builder(JobTurns jobs) {
        return new Builder(jobs);
    }

    /** What prompts leave open. */
    public Latent4jImageOptions getOptions() {
        return options;
    }

    /**
     * Makes the images of a prompt on this thread, after those of prompts that came before.
     *
     * @throws NonTransientAiException if the prompt or its options are wrong
     * @throws TransientAiException if too many prompts wait already
     * @throws JobFailedException if the work failed, with the cause
     * @throws java.util.concurrent.CancellationException if this thread is interrupted
     * @throws IllegalStateException if the jobs are closed
     */
    @Override
    public ImageResponse call(ImagePrompt prompt) {
        Latent4jImageOptions asked = Latent4jImageOptions.of(prompt.getOptions(), options);
        ImageModelObservationContext context = ImageModelObservationContext.builder()
                .imagePrompt(new ImagePrompt(prompt.getInstructions(), named(asked)))
                .provider(PROVIDER)
                .build();
        ImageResponse response = ImageModelObservationDocumentation.IMAGE_MODEL_OPERATION
                .observation(convention, USUAL, () -> context, observations)
                .observe(() -> {
                    ImageResponse made = made(prompt, asked);
                    context.setResponse(made);
                    return made;
                });
        return Objects.requireNonNull(response);
    }

    /** The same with a model, which observations name. */
    private static Latent4jImageOptions named(Latent4jImageOptions options) {
        return Latent4jImageOptions.of(
                options,
                Latent4jImageOptions.builder().model(ModelRegistry.EMBEDDED).build());
    }

    private ImageResponse made(ImagePrompt prompt, Latent4jImageOptions asked) {
        try (SourceImages images = new SourceImages()) {
            PromptJob job = new PromptJob(prompt, asked);
            JobSpec spec = job.spec(images);
            check(spec);
            Images made = new Images();
            JobResult result = jobs.run(spec, made);
            List<String> warnings = new ArrayList<>(job.warnings());
            warnings.addAll(result.warnings());
            ImageResponseMetadata metadata = new ImageResponseMetadata();
            metadata.put(MODEL, result.model());
            metadata.put(WARNINGS, List.copyOf(warnings));
            return new ImageResponse(List.copyOf(made.generations), metadata);
        } catch (QueueFullException e) {
            throw new TransientAiException(e.getMessage(), e);
        } catch (IllegalArgumentException e) { // an InvalidJobException is one
            throw new NonTransientAiException(e.getMessage(), e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void check(JobSpec spec) {
        spec.model().filter(name -> !models.contains(name)).ifPresent(name -> {
            throw new InvalidJobException("there is no model \"" + name + "\"; expected one of "
                    + String.join(", ", models) + ", or another name in spring.ai.latent4j.models");
        });
        for (AdapterUse use : spec.request().adapters()) {
            if (!adapters.contains(use.name())) {
                throw new InvalidJobException("there is no adapter \"" + use.name() + "\"; expected one of "
                        + (adapters.isEmpty() ? "none" : String.join(", ", adapters))
                        + ", or another file in spring.ai.latent4j.adapters-folder");
            }
        }
    }

    /** Keeps the images of a job as PNG files. */
    private static final class Images implements JobListener {
        private final List<ImageGeneration> generations = new ArrayList<>();

        @Override
        public void onImage(ImageEvent event) {
            GeneratedImage image = event.image();
            byte[] png = PngFile.bytes(image.image(), Map.of("parameters", image.parameters()));
            generations.add(new ImageGeneration(
                    new Image(null, Base64.getEncoder().encodeToString(png)),
                    new Latent4jImageGenerationMetadata(image.seed(), image.parameters())));
        }
    }

    /** Sets what a model is made of; all but the jobs may be left out. */
    public static final class Builder {
        private final JobTurns jobs;
        private Latent4jImageOptions options = Latent4jImageOptions.NONE;
        private Set<String> models = Set.of();
        private Set<String> adapters = Set.of();
        private ObservationRegistry observations = ObservationRegistry.NOOP;
        private ImageModelObservationConvention convention = USUAL;

        private Builder(JobTurns jobs) {
            this.jobs = Objects.requireNonNull(jobs, "jobs");
        }

        /** What prompts leave open. */
        public Builder options(Latent4jImageOptions options) {
            this.options = Objects.requireNonNull(options, "options");
            return this;
        }

        /** Names of models that a prompt may ask for, beside those of the options and the embedded one. */
        public Builder models(Set<String> models) {
            this.models = Set.copyOf(models);
            return this;
        }

        /** Names of adapters that a prompt may ask for. */
        public Builder adapters(Set<String> adapters) {
            this.adapters = Set.copyOf(adapters);
            return this;
        }

        /** Where prompts are observed. */
        public Builder observationRegistry(ObservationRegistry observations) {
            this.observations = Objects.requireNonNull(observations, "observations");
            return this;
        }

        /** How they are observed. */
        public Builder observationConvention(ImageModelObservationConvention convention) {
            this.convention = Objects.requireNonNull(convention, "convention");
            return this;
        }

        /** The model. */
        public Latent4jImageModel build() {
            return new Latent4jImageModel(this);
        }
    }
}
