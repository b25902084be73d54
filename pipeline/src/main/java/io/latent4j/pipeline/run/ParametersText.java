package io.latent4j.pipeline.run;

import io.latent4j.pipeline.request.Batch;
import io.latent4j.pipeline.request.ControlInput;
import io.latent4j.pipeline.request.DenoisingRange;
import io.latent4j.pipeline.request.GenerationRequest;
import io.latent4j.pipeline.request.Guidance;
import io.latent4j.pipeline.request.Parameters;
import io.latent4j.pipeline.request.Sizes;
import io.latent4j.pipeline.request.Source;
import io.latent4j.pipeline.request.Upscale;
import io.latent4j.schedulers.Steps;
import io.latent4j.schedulers.catalogue.Schedulers;
import io.latent4j.schedulers.config.SchedulerConfig;
import io.latent4j.textencoder.PromptSyntax;
import io.latent4j.textencoder.WeightedText;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** How a run's images were made, in the form that other tools read: prompts, and then settings with commas between them. */
public final class ParametersText {
    private final Run run;
    private final GenerationRequest request;
    private final Optional<Run> refiner;
    private final StringBuilder text = new StringBuilder();

    private ParametersText(Run run, Optional<Run> refiner) {
        this.run = run;
        this.request = run.request();
        this.refiner = refiner;
    }

    /**
     * Image {@code i} of a run.
     *
     * @param refiner the run that went on with it
     */
    static String of(Run run, Optional<Run> refiner, int i) {
        ParametersText all = new ParametersText(run, refiner);
        all.prompts();
        all.sampler(i);
        all.guidance(run.request().guidance());
        all.reading();
        all.images();
        all.controls();
        all.upscaling();
        all.sizes();
        all.refiner();
        all.rest();
        return all.text.toString();
    }

    private void prompts() {
        String tags = IntStream.range(0, run.adapters().size())
                .mapToObj(
                        k -> run.adapters().get(k).tag(request.adapters().get(k).name()))
                .collect(Collectors.joining(" "));
        text.append(tags.isEmpty() ? request.prompt().text() : (request.prompt().text() + " " + tags).strip())
                .append('\n');
        if (!request.prompt().negative().isEmpty()) {
            text.append("Negative prompt: ").append(request.prompt().negative()).append('\n');
        }
    }

    private void sampler(int i) {
        SchedulerConfig config = run.parts().scheduler();
        text.append("Steps: ").append(run.course().steps().count());
        add("Sampler", request.sampling().scheduler().map(Schedulers::title).orElseGet(() -> Schedulers.title(config)));
        add("CFG scale", number(run.guidance().scale()));
        text.append(", Seed: ").append(seed(request.batch(), i));
        add("Size", run.width() + "x" + run.height());
        add("Model", run.parts().name());
    }

    private void guidance(Guidance guidance) {
        if (guidance.trueScale() != 1) {
            add("True CFG scale", number(guidance.trueScale()));
        }
        guidance.limit().ifPresent(limit -> add("CFG limit", number(limit)));
        if (guidance.rescale() > 0) {
            add("CFG rescale", number(guidance.rescale()));
        }
        if (guidance.start() > 0) {
            add("CFG start", number(guidance.start()));
        }
        if (guidance.end() < 1) {
            add("CFG end", number(guidance.end()));
        }
        if (guidance.plusPlus()) {
            add("CFG++", "true");
        }
        guidance.thresholding().ifPresent(quantile -> add("Dynamic thresholding", number(quantile)));
        if (guidance.perturbed().scale() > 0) {
            add("PAG scale", number(guidance.perturbed().scale()));
            add("PAG layers", String.join(" ", guidance.perturbed().layers()));
        }
    }

    private void reading() {
        if (request.prompt().clipSkip() > 1) {
            add("Clip skip", "" + request.prompt().clipSkip());
        }
        request.prompt().maxTokens().ifPresent(most -> add("Max tokens", "" + most));
        if (readsWhatOthersWouldNot(request.prompt().text())
                || readsWhatOthersWouldNot(request.prompt().negative())) {
            add("Prompt syntax", "plain");
        }
    }

    /** Whether the text is taken as it is written, where other tools would see weights, or more than the model reads. */
    private boolean readsWhatOthersWouldNot(String prompt) {
        return request.prompt().syntax() == PromptSyntax.PLAIN
                && (WeightedText.isMarked(prompt)
                        || run.parts().text().cut(prompt, run.textOptions()).isPresent());
    }

    private void images() {
        request.source().flatMap(Source::inpainting).ifPresent(part -> {
            add("Mask blur", "" + part.blur());
            part.padding().ifPresent(padding -> add("Masked area padding", "" + padding));
        });
        if (!request.prompt().references().isEmpty()) {
            add("Reference images", "" + request.prompt().references().size());
        }
        run.canvas().ifPresent(canvas -> add("Denoising strength", number(canvas.strength())));
    }

    private void controls() {
        for (ControlInput control : request.controls()) {
            String stretch = !control.range().equals(DenoisingRange.ALL)
                    ? " from " + number(control.range().start()) + " to "
                            + number(control.range().end())
                    : "";
            add(
                    "ControlNet",
                    control.name() + " (" + number(control.scale()) + stretch + (control.guess() ? " guess" : "")
                            + ")");
        }
    }

    private void upscaling() {
        run.larger().ifPresent(larger -> {
            Upscale upscale = request.upscale().orElseThrow();
            add("Hires upscale", number(upscale.factor()));
            add("Hires steps", "" + larger.course().steps().count());
            add("Hires upscaler", upscale.by().title());
            add("Denoising strength", number(upscale.strength()));
        });
    }

    private void sizes() {
        request.micro().ifPresent(micro -> {
            sizes("", micro.sizes());
            if (!micro.negativeSizes().equals(micro.sizes())) {
                sizes("Negative ", micro.negativeSizes());
            }
        });
    }

    private void sizes(String whose, Sizes sizes) {
        add(whose + "Original size", sizes.originalWidth() + "x" + sizes.originalHeight());
        add(whose + "Crop", sizes.cropLeft() + "x" + sizes.cropTop());
        add(whose + "Target size", sizes.targetWidth() + "x" + sizes.targetHeight());
    }

    private void refiner() {
        refiner.ifPresent(later -> {
            add("Refiner", later.parts().name());
            add("Refiner switch at", number(later.course().range().start()));
        });
    }

    private void rest() {
        request.sampling().eta().ifPresent(eta -> add("Eta", number(eta)));
        text.append(sampling(run.course().steps(), run.parts().scheduler()));
        if (request.tiling().cuts(run.width(), run.height())) {
            add("VAE tile", "" + request.tiling().side());
        }
        if (request.sampling().caching().isOn()) {
            add("Cache", request.sampling().caching().text());
        }
        add("Version", "latent4j");
    }

    private void add(String name, String value) {
        text.append(", ").append(name).append(": ").append(Parameters.quoted(value));
    }

    /** The seed of image {@code i}, and its variation, in the form that other tools read. */
    public static String seed(Batch batch, int i) {
        return Long.toUnsignedString(batch.seed(i))
                + batch.variation()
                        .map(v -> ", Variation seed: " + Long.toUnsignedString(v.seed() + i)
                                + ", Variation seed strength: " + number(v.strength()))
                        .orElse("");
    }

    /** What beside its name and number of steps makes a sampler what it was. */
    public static String sampling(Steps steps, SchedulerConfig scheduler) {
        StringBuilder text = new StringBuilder();
        if (steps instanceof Steps.Timesteps list) {
            text.append(", Timesteps: ").append(numbers(list.timesteps()));
        }
        if (steps instanceof Steps.Sigmas list) {
            text.append(", Sigmas: ").append(numbers(list.sigmas()));
        }
        if (!scheduler.settings().isEmpty()) {
            text.append(", Sampler settings: ")
                    .append(scheduler.settings().entrySet().stream()
                            .map(e -> e.getKey() + "=" + e.getValue().replace(",", ""))
                            .collect(Collectors.joining(" ")));
        }
        return text.toString();
    }

    /** With blanks between them, as commas separate the settings. */
    private static String numbers(List<Double> numbers) {
        return numbers.stream().map(ParametersText::number).collect(Collectors.joining(" "));
    }

    public static String number(double value) {
        return value == Math.rint(value) ? String.format(Locale.ROOT, "%.0f", value) : Double.toString(value);
    }
}
