package io.latent4j.spring;

import io.latent4j.pipeline.request.AdapterUse;
import io.latent4j.pipeline.request.Batch;
import io.latent4j.pipeline.request.GenerationRequest;
import io.latent4j.pipeline.request.Prompt;
import io.latent4j.service.job.JobSpec;
import io.latent4j.service.job.MaskFile;
import io.latent4j.service.job.SourceFiles;
import io.latent4j.service.job.SourceImages;
import io.latent4j.service.registry.ModelRegistry;
import io.latent4j.textencoder.PromptSyntax;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.ai.content.Media;
import org.springframework.ai.image.ImageMessage;
import org.springframework.ai.image.ImagePrompt;

/** A prompt of Spring AI as a job. What cannot be followed is an {@link IllegalArgumentException}. */
final class PromptJob {
    private static final String FORMAT = "b64_json";
    private static final String MASK = "mask";

    private final List<ImageMessage> messages;
    private final Latent4jImageOptions options;

    /** @param options all of them, which go before those of the prompt */
    PromptJob(ImagePrompt prompt, Latent4jImageOptions options) {
        this.messages = prompt.getInstructions();
        this.options = options;
        String format = options.responseFormat();
        if (format != null && !format.equals(FORMAT)) {
            throw new IllegalArgumentException("the response format is \"" + format + "\"; expected " + FORMAT
                    + ": images are in the response, and are not kept");
        }
    }

    /** The name of the model. */
    String model() {
        return or(options.model(), ModelRegistry.EMBEDDED);
    }

    /** What has no effect. */
    List<String> warnings() {
        return options.style() == null
                ? List.of()
                : List.of("the style \"" + options.style() + "\" has no effect; say it in the prompt");
    }

    /**
     * The job.
     *
     * @param images takes the images of the messages, and must be open until the job is done
     */
    JobSpec spec(SourceImages images) throws IOException {
        GenerationRequest request = new GenerationRequest("")
                .withPrompt(prompt())
                .withBatch(batch())
                .withAdapters(adapters());
        if (options.width() != null) {
            request = request.withWidth(options.width());
        }
        if (options.height() != null) {
            request = request.withHeight(options.height());
        }
        if (options.scheduler() != null) {
            request = request.withScheduler(options.scheduler());
        }
        if (options.steps() != null) {
            request = request.withSteps(options.steps());
        }
        if (options.guidanceScale() != null) {
            request = request.withGuidanceScale(options.guidanceScale());
        }
        if (options.guidanceRescale() != null) {
            request = request.withGuidanceRescale(options.guidanceRescale());
        }
        JobSpec job = new JobSpec(request).withModel(model());
        Optional<SourceFiles> source = source(images);
        return source.isPresent() ? job.withSource(source.get()) : job;
    }

    /** Messages of a negative weight are of the negative prompt. */
    private Prompt prompt() {
        List<String> shown = new ArrayList<>();
        List<String> hidden = new ArrayList<>();
        String negative = or(options.negativePrompt(), "");
        if (!negative.isEmpty()) {
            hidden.add(negative);
        }
        for (ImageMessage message : messages) {
            float weight = or(message.getWeight(), 1f);
            (weight < 0 ? hidden : shown).add(weighted(or(message.getText(), ""), weight));
        }
        return new Prompt(
                String.join(", ", shown),
                String.join(", ", hidden),
                syntax(),
                or(options.clipSkip(), 1),
                OptionalInt.empty(),
                List.of());
    }

    private String weighted(String text, float weight) {
        float size = Math.abs(weight);
        if (size == 0 || !Float.isFinite(size)) {
            throw new IllegalArgumentException("the weight of a message is " + weight
                    + "; expected a number above 0, or below 0 for what images do" + " not show");
        }
        if (size == 1) {
            return text;
        }
        if (syntax() == PromptSyntax.PLAIN) {
            throw new IllegalArgumentException("the weight of a message is " + weight
                    + ", and prompts are plain text without weights; expected 1, -1 or the prompt syntax weighted");
        }
        return "(" + text + ":" + new BigDecimal(Float.toString(size)).toPlainString() + ")";
    }

    private PromptSyntax syntax() {
        return or(options.promptSyntax(), PromptSyntax.WEIGHTED);
    }

    private Batch batch() {
        Batch batch = Batch.ONE.withCount(or(options.n(), 1)).withBatchSize(or(options.batchSize(), 1));
        return options.seed() == null ? batch : batch.withSeed(options.seed());
    }

    private List<AdapterUse> adapters() {
        return or(options.adapters(), Map.<String, Double>of()).entrySet().stream()
                .map(use -> new AdapterUse(use.getKey(), use.getValue()))
                .toList();
    }

    private Optional<SourceFiles> source(SourceImages images) throws IOException {
        Map<Boolean, List<Media>> media = messages.stream()
                .flatMap(message -> message.getMedia().stream())
                .collect(Collectors.partitioningBy(each -> MASK.equals(each.getName())));
        List<Media> sources = Objects.requireNonNull(media.get(false));
        List<Media> masks = Objects.requireNonNull(media.get(true));
        if (sources.size() > 1 || masks.size() > sources.size()) {
            throw new IllegalArgumentException("the messages carry " + sources.size() + " images and " + masks.size()
                    + " masks; expected at most one image, and with it at most one mask, whose name is " + MASK);
        }
        if (sources.isEmpty()) {
            return Optional.empty();
        }
        Path image = images.image(bytes(sources.get(0)));
        Optional<MaskFile> mask = masks.isEmpty()
                ? Optional.empty()
                : Optional.of(new MaskFile(images.mask(bytes(masks.get(0))), 0, OptionalInt.empty()));
        OptionalDouble strength =
                options.strength() == null ? OptionalDouble.empty() : OptionalDouble.of(options.strength());
        return Optional.of(new SourceFiles(image, strength, mask, Optional.empty()));
    }

    private static byte[] bytes(Media media) {
        if (media.getData() instanceof byte[] bytes) {
            return bytes;
        }
        throw new IllegalArgumentException("an image of a message is an address; expected its bytes");
    }

    private static <T> T or(@Nullable T value, T other) {
        return value == null ? other : value;
    }
}
