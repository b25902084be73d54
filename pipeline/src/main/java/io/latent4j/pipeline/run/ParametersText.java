package io.latent4j.pipeline.run;

import io.latent4j.lora.LoraUse;
import io.latent4j.pipeline.request.ControlInput;
import io.latent4j.pipeline.request.GenerationRequest;
import io.latent4j.pipeline.request.Guidance;
import io.latent4j.pipeline.request.Parameters;
import io.latent4j.pipeline.request.Sizes;
import io.latent4j.pipeline.request.Upscale;
import io.latent4j.schedulers.SchedulerConfig;
import io.latent4j.schedulers.Schedulers;
import io.latent4j.schedulers.Steps;
import io.latent4j.textencoder.PromptSyntax;
import io.latent4j.textencoder.WeightedText;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

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
        String tags = request.loras().stream().map(LoraUse::tag).collect(Collectors.joining(" "));
        text.append(tags.isEmpty() ? request.prompt() : (request.prompt() + " " + tags).strip())
                .append('\n');
        if (!request.negativePrompt().isEmpty()) {
            text.append("Negative prompt: ").append(request.negativePrompt()).append('\n');
        }
    }

    private void sampler(int i) {
        SchedulerConfig config = run.parts().scheduler();
        text.append("Steps: ").append(run.course().steps().count());
        add("Sampler", request.scheduler().map(Schedulers::title).orElseGet(() -> Schedulers.title(config)));
        add("CFG scale", number(run.guidance().scale()));
        add("Seed", request.seed(i) + request.variationOf(i));
        add("Size", run.width() + "x" + run.height());
        add("Model", run.parts().name());
    }

    private void guidance(Guidance guidance) {
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
        if (request.clipSkip() > 1) {
            add("Clip skip", "" + request.clipSkip());
        }
        if (readsWhatOthersWouldNot(request.prompt()) || readsWhatOthersWouldNot(request.negativePrompt())) {
            add("Prompt syntax", "plain");
        }
    }

    /** Whether the text is taken as it is written, where other tools would see weights, or more than the model reads. */
    private boolean readsWhatOthersWouldNot(String prompt) {
        return request.promptSyntax() == PromptSyntax.PLAIN
                && (WeightedText.isMarked(prompt)
                        || run.parts().text().cut(prompt).isPresent());
    }

    private void images() {
        request.inpainting().ifPresent(part -> {
            add("Mask blur", "" + part.blur());
            part.padding().ifPresent(padding -> add("Masked area padding", "" + padding));
        });
        run.canvas().ifPresent(canvas -> add("Denoising strength", number(canvas.strength())));
    }

    private void controls() {
        for (ControlInput control : request.controls()) {
            String stretch = control.start() > 0 || control.end() < 1
                    ? " from " + number(control.start()) + " to " + number(control.end())
                    : "";
            add(
                    "ControlNet",
                    control.net().name() + " (" + number(control.scale()) + stretch + (control.guess() ? " guess" : "")
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
            add("Refiner switch at", number(later.course().stretch().start()));
        });
    }

    private void rest() {
        request.eta().ifPresent(eta -> add("Eta", number(eta)));
        text.append(sampling(run.course().steps(), run.parts().scheduler()));
        if (request.tiling().cuts(run.width(), run.height())) {
            add("VAE tile", "" + request.tiling().side());
        }
        add("Version", "latent4j");
    }

    private void add(String name, String value) {
        text.append(", ").append(name).append(": ").append(Parameters.quoted(value));
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
