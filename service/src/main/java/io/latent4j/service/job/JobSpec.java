package io.latent4j.service.job;

import com.google.common.collect.ImmutableMap;
import io.latent4j.pipeline.request.AdapterUse;
import io.latent4j.pipeline.request.GenerationRequest;
import io.latent4j.service.registry.ModelRegistry;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * What a job is to make, as values that have a JSON form: a request whose images are files, and names of what it takes. Names
 * are those of a {@link ModelRegistry}, or of files and models on the hub.
 *
 * @param model the model; the one that ships with latent4j if empty
 * @param request everything that is no file: its own source and controls are empty, and its adapters are named
 * @param source an image to start from
 * @param controls images that steer
 * @param references files of images that the prompt speaks of
 * @param refiner a second model for the last steps
 * @param embeddings learned words that the prompts may have
 * @param schedulerSettings other values for keys of the model's {@code scheduler_config.json}
 * @param preview what decodes previews of steps: {@link #LINEAR}, or the name of an autoencoder; if empty, the model's own,
 *     which takes as long as decoding the result
 */
public record JobSpec(
        Optional<String> model,
        GenerationRequest request,
        Optional<SourceFiles> source,
        List<ControlFile> controls,
        List<Path> references,
        Optional<RefinerUse> refiner,
        List<EmbeddingFile> embeddings,
        Map<String, String> schedulerSettings,
        Optional<String> preview) {
    /** Previews by a linear map from latents to colours, at no cost. */
    public static final String LINEAR = ModelRegistry.LINEAR;

    public JobSpec {
        Objects.requireNonNull(model, "model");
        Objects.requireNonNull(request, "request");
        Objects.requireNonNull(source, "source");
        controls = List.copyOf(controls);
        references = List.copyOf(references);
        Objects.requireNonNull(refiner, "refiner");
        embeddings = List.copyOf(embeddings);
        schedulerSettings = ImmutableMap.copyOf(schedulerSettings);
        Objects.requireNonNull(preview, "preview");
        if (request.source().isPresent()
                || !request.controls().isEmpty()
                || !request.prompt().references().isEmpty()) {
            throw new IllegalArgumentException("the request of a job holds images; expected them as files, in the job's"
                    + " source, controls and references");
        }
        if (source.isPresent() && request.upscale().isPresent()) {
            throw new IllegalArgumentException(
                    "there is an image to start from, and upscaling; expected one of them: an"
                            + " image is scaled to the width and height of the request");
        }
    }

    /** A job for the model that ships with latent4j. */
    public JobSpec(GenerationRequest request) {
        this(
                Optional.empty(),
                request,
                Optional.empty(),
                List.of(),
                List.of(),
                Optional.empty(),
                List.of(),
                Map.of(),
                Optional.empty());
    }

    /**
     * Reads the JSON form.
     *
     * @throws InvalidJobException if it is no JSON object, or has keys or values that are wrong, naming all of them
     */
    public static JobSpec fromJson(String json) {
        return JobReader.read(json);
    }

    /**
     * Makes a job of the parameters text of an image that latent4j or another tool made: the prompts, and a line of settings.
     * Of one that latent4j made it makes the same image again, by the same model and adapters. Tags of adapters, {@code
     * <lora:ink:0.8>}, stay in the prompt; {@link #withTags} follows them.
     *
     * @return the job, and a warning for each setting that is not understood or cannot be followed
     * @throws InvalidJobException if the text is too long
     */
    public static RecreatedJob of(String parametersText) {
        return ParametersReader.read(parametersText);
    }

    /** The JSON form, one object, which {@link #fromJson} reads. What is left open is left out. */
    public String toJson() {
        return JobWriter.json(this).toString();
    }

    /** This job for this model. */
    public JobSpec withModel(String model) {
        return with(Optional.of(model), request);
    }

    /** This job with another request. */
    public JobSpec withRequest(GenerationRequest request) {
        return with(model, request);
    }

    /** This job with these adapters and no others. */
    public JobSpec withAdapters(List<AdapterUse> adapters) {
        return with(model, request.withAdapters(adapters));
    }

    /**
     * This job with the adapters that tags in its prompt name, {@code <lora:ink:0.8>}, after its own, and without the tags: see
     * {@link PromptTags}. Whether there are adapters of these names is not looked up.
     *
     * @throws IllegalArgumentException if a tag is none, or names a hypernetwork
     */
    public JobSpec withTags() {
        PromptTags tags = PromptTags.of(request.prompt().text());
        List<AdapterUse> adapters = new ArrayList<>(request.adapters());
        tags.tags().forEach(tag -> adapters.add(tag.use()));
        return tags.tags().isEmpty()
                ? this
                : withRequest(request.withPrompt(tags.text()).withAdapters(adapters));
    }

    private JobSpec with(Optional<String> model, GenerationRequest request) {
        return new JobSpec(
                model, request, source, controls, references, refiner, embeddings, schedulerSettings, preview);
    }

    /** This job starting from an image. */
    public JobSpec withSource(SourceFiles source) {
        return new JobSpec(
                model,
                request,
                Optional.of(source),
                controls,
                references,
                refiner,
                embeddings,
                schedulerSettings,
                preview);
    }

    /** This job steered by these images and no others. */
    public JobSpec withControls(List<ControlFile> controls) {
        return new JobSpec(
                model, request, source, controls, references, refiner, embeddings, schedulerSettings, preview);
    }

    /** This job with these reference images and no others. */
    public JobSpec withReferences(List<Path> references) {
        return new JobSpec(
                model, request, source, controls, references, refiner, embeddings, schedulerSettings, preview);
    }

    /** This job with a second model for the last steps. */
    public JobSpec withRefiner(RefinerUse refiner) {
        return new JobSpec(
                model,
                request,
                source,
                controls,
                references,
                Optional.of(refiner),
                embeddings,
                schedulerSettings,
                preview);
    }

    /** This job with these learned words and no others. */
    public JobSpec withEmbeddings(List<EmbeddingFile> embeddings) {
        return new JobSpec(
                model, request, source, controls, references, refiner, embeddings, schedulerSettings, preview);
    }

    /** This job with these settings of the scheduler and no others. */
    public JobSpec withSchedulerSettings(Map<String, String> schedulerSettings) {
        return new JobSpec(
                model, request, source, controls, references, refiner, embeddings, schedulerSettings, preview);
    }

    /** This job with previews by {@link #LINEAR} or an autoencoder. */
    public JobSpec withPreview(String preview) {
        return new JobSpec(
                model,
                request,
                source,
                controls,
                references,
                refiner,
                embeddings,
                schedulerSettings,
                Optional.of(preview));
    }
}
