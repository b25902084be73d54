package io.latent4j.spring;

import com.google.common.collect.ImmutableMap;
import io.latent4j.textencoder.PromptSyntax;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.ai.image.ImageOptions;

/**
 * What a prompt asks of its images. What is null is left open: for the default options, and then for the model.
 *
 * @param n how many images, 1 by default
 * @param model the name of a model; the one that ships with latent4j by default
 * @param width in pixels; the model's own by default
 * @param height in pixels; the model's own by default
 * @param responseFormat b64_json, which images come in anyway
 * @param style has no effect but a warning: say it in the prompt
 * @param negativePrompt what images do not show
 * @param promptSyntax whether brackets are weights, weighted, or letters, plain; weighted by default
 * @param clipSkip which layer of the text encoders is read; 1, the model's own, by default
 * @param scheduler a sampling method, such as "dpm++ 2m"; the model's own by default
 * @param steps denoising steps; the model's own number by default
 * @param guidanceScale how closely images follow the prompt; the model's own by default
 * @param guidanceRescale how far guidance is kept from overexposing, 0 to 1; 0 by default
 * @param seed of the first image, read as unsigned, the next has one more; random by default
 * @param batchSize how many images go through the network together; 1 by default
 * @param strength how much of an image that a message carries is changed, above 0 and up to 1
 * @param adapters strengths by adapters' names, 1 as trained; none by default
 */
public record Latent4jImageOptions(
        @Nullable Integer n,
        @Nullable String model,
        @Nullable Integer width,
        @Nullable Integer height,
        @Nullable String responseFormat,
        @Nullable String style,
        @Nullable String negativePrompt,
        @Nullable PromptSyntax promptSyntax,
        @Nullable Integer clipSkip,
        @Nullable String scheduler,
        @Nullable Integer steps,
        @Nullable Double guidanceScale,
        @Nullable Double guidanceRescale,
        @Nullable Long seed,
        @Nullable Integer batchSize,
        @Nullable Double strength,
        @Nullable Map<String, Double> adapters)
        implements ImageOptions {
    /** Everything is left open. */
    public static final Latent4jImageOptions NONE = builder().build();

    public Latent4jImageOptions {
        adapters = adapters == null ? null : ImmutableMap.copyOf(adapters);
    }

    /** Options that are set one by one. */
    public static Builder builder() {
        return new Builder();
    }

    /** These, and where they are open, {@code others}. Portable options of other kinds are followed as far as they go. */
    static Latent4jImageOptions of(@Nullable ImageOptions asked, Latent4jImageOptions others) {
        if (asked == null) {
            return others;
        }
        return asked instanceof Latent4jImageOptions options
                ? options.or(others)
                : portable(asked).or(others);
    }

    private static Latent4jImageOptions portable(ImageOptions options) {
        return builder()
                .n(options.getN())
                .model(options.getModel())
                .width(options.getWidth())
                .height(options.getHeight())
                .responseFormat(options.getResponseFormat())
                .style(options.getStyle())
                .build();
    }

    private Latent4jImageOptions or(Latent4jImageOptions others) {
        return new Latent4jImageOptions(
                first(n, others.n),
                first(model, others.model),
                first(width, others.width),
                first(height, others.height),
                first(responseFormat, others.responseFormat),
                first(style, others.style),
                first(negativePrompt, others.negativePrompt),
                first(promptSyntax, others.promptSyntax),
                first(clipSkip, others.clipSkip),
                first(scheduler, others.scheduler),
                first(steps, others.steps),
                first(guidanceScale, others.guidanceScale),
                first(guidanceRescale, others.guidanceRescale),
                first(seed, others.seed),
                first(batchSize, others.batchSize),
                first(strength, others.strength),
                first(adapters, others.adapters));
    }

    private static <T> @Nullable T first(@Nullable T one, @Nullable T other) {
        return one == null ? other : one;
    }

    @Override
    public @Nullable Integer getN() {
        return n;
    }

    @Override
    public @Nullable String getModel() {
        return model;
    }

    @Override
    public @Nullable Integer getWidth() {
        return width;
    }

    @Override
    public @Nullable Integer getHeight() {
        return height;
    }

    @Override
    public @Nullable String getResponseFormat() {
        return responseFormat;
    }

    @Override
    public @Nullable String getStyle() {
        return style;
    }

    /** Sets options one by one; null leaves one open. */
    public static final class Builder {
        private @Nullable Integer n;
        private @Nullable String model;
        private @Nullable Integer width;
        private @Nullable Integer height;
        private @Nullable String responseFormat;
        private @Nullable String style;
        private @Nullable String negativePrompt;
        private @Nullable PromptSyntax promptSyntax;
        private @Nullable Integer clipSkip;
        private @Nullable String scheduler;
        private @Nullable Integer steps;
        private @Nullable Double guidanceScale;
        private @Nullable Double guidanceRescale;
        private @Nullable Long seed;
        private @Nullable Integer batchSize;
        private @Nullable Double strength;
        private @Nullable Map<String, Double> adapters;

        private Builder() {}

        /** How many images, 1 by default. */
        public Builder n(@Nullable Integer n) {
            this.n = n;
            return this;
        }

        /** The name of a model. */
        public Builder model(@Nullable String model) {
            this.model = model;
            return this;
        }

        /** Pixels from left to right. */
        public Builder width(@Nullable Integer width) {
            this.width = width;
            return this;
        }

        /** Pixels from top to bottom. */
        public Builder height(@Nullable Integer height) {
            this.height = height;
            return this;
        }

        /** {@code b64_json}, which images come in anyway. */
        public Builder responseFormat(@Nullable String responseFormat) {
            this.responseFormat = responseFormat;
            return this;
        }

        /** Has no effect but a warning: say it in the prompt. */
        public Builder style(@Nullable String style) {
            this.style = style;
            return this;
        }

        /** What images do not show. */
        public Builder negativePrompt(@Nullable String negativePrompt) {
            this.negativePrompt = negativePrompt;
            return this;
        }

        /** Whether brackets are weights, weighted, or letters, plain. */
        public Builder promptSyntax(@Nullable PromptSyntax promptSyntax) {
            this.promptSyntax = promptSyntax;
            return this;
        }

        /** Which layer of the text encoders is read. */
        public Builder clipSkip(@Nullable Integer clipSkip) {
            this.clipSkip = clipSkip;
            return this;
        }

        /** A sampling method, such as "dpm++ 2m". */
        public Builder scheduler(@Nullable String scheduler) {
            this.scheduler = scheduler;
            return this;
        }

        /** Denoising steps. */
        public Builder steps(@Nullable Integer steps) {
            this.steps = steps;
            return this;
        }

        /** How closely images follow the prompt. */
        public Builder guidanceScale(@Nullable Double guidanceScale) {
            this.guidanceScale = guidanceScale;
            return this;
        }

        /** How far guidance is kept from overexposing, 0 to 1. */
        public Builder guidanceRescale(@Nullable Double guidanceRescale) {
            this.guidanceRescale = guidanceRescale;
            return this;
        }

        /** The seed of the first image, read as unsigned; the next has one more. */
        public Builder seed(@Nullable Long seed) {
            this.seed = seed;
            return this;
        }

        /** How many images go through the network together. */
        public Builder batchSize(@Nullable Integer batchSize) {
            this.batchSize = batchSize;
            return this;
        }

        /** How much of an image that a message carries is changed, above 0 and up to 1. */
        public Builder strength(@Nullable Double strength) {
            this.strength = strength;
            return this;
        }

        /** Strengths by adapters' names, 1 as trained. */
        public Builder adapters(@Nullable Map<String, Double> adapters) {
            this.adapters = adapters;
            return this;
        }

        /** The options. */
        public Latent4jImageOptions build() {
            return new Latent4jImageOptions(
                    n,
                    model,
                    width,
                    height,
                    responseFormat,
                    style,
                    negativePrompt,
                    promptSyntax,
                    clipSkip,
                    scheduler,
                    steps,
                    guidanceScale,
                    guidanceRescale,
                    seed,
                    batchSize,
                    strength,
                    adapters);
        }
    }
}
