package io.latent4j.pipeline.run;

import io.latent4j.core.config.Counted;
import io.latent4j.lora.LoraUse;
import io.latent4j.pipeline.request.ControlInput;
import io.latent4j.pipeline.request.DenoisingRange;
import io.latent4j.pipeline.request.GenerationRequest;
import io.latent4j.pipeline.request.Guidance;
import io.latent4j.schedulers.Plan;
import io.latent4j.textencoder.PromptSchedule;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** What of a model's files was ignored, and what of a request does not fit, or has no effect. */
public final class RunWarnings {
    private final Run run;
    private final GenerationRequest request;
    private final List<String> warnings = new ArrayList<>();

    private RunWarnings(Run run) {
        this.run = run;
        this.request = run.request();
    }

    public static List<String> of(Run run) {
        RunWarnings all = new RunWarnings(run);
        all.warnings.addAll(run.parts().warnings());
        all.texts();
        all.guidance();
        run.adapters().forEach(all::adapter);
        all.images();
        all.controls();
        run.request().sampling().caching().tGate().ifPresent(all::gate);
        return all.warnings;
    }

    private void texts() {
        text("prompt", request.prompt().text());
        if (run.guidance().active()) {
            text("negative prompt", request.prompt().negative());
        } else if (!request.prompt().negative().isEmpty()) {
            warnings.add("the negative prompt has no effect, because " + unguided());
        }
    }

    private String unguided() {
        return run.guidance().told()
                ? "the model takes the guidance scale as an input; a true guidance scale above 1 gives it one, at twice the work"
                : "the guidance scale is " + run.guidance().scale() + " and not above 1";
    }

    private void text(String what, String text) {
        run.parts()
                .text()
                .cut(text, run.textOptions())
                .ifPresent(cut -> warnings.add("the " + what + " has more than " + Counted.of(cut.limit(), "token")
                        + "; this part is ignored: \"" + cut.text() + "\""));
        String first = PromptSchedule.of(text, request.prompt().syntax()).at(0, 1); // schedules are followed
        run.parts()
                .text()
                .ignored(first, run.textOptions())
                .ifPresent(ignored -> warnings.add("the " + what + ignored));
    }

    private void guidance() {
        Guidance guidance = request.guidance();
        boolean shaped = guidance.rescale() > 0
                || guidance.start() > 0
                || guidance.end() < 1
                || guidance.limit().isPresent()
                || guidance.thresholding().isPresent();
        if (shaped && !run.guidance().active() && run.guidance().layers().isEmpty()) {
            warnings.add(
                    "rescaling, start, end, limit and thresholding of guidance have no effect, because " + unguided());
        }
    }

    private void adapter(LoraUse use) {
        warnings.addAll(use.lora().report().warnings());
        List<String> known = run.parts().text().words();
        List<String> unknown = use.lora().report().words().stream()
                .filter(word -> !known.contains(word))
                .toList();
        if (!unknown.isEmpty()) {
            warnings.add("the adapter " + use.lora().name() + " brings learned words that this model was not given, "
                    + String.join(", ", unknown) + "; a prompt has them as plain text");
        }
        if (!use.idleBlocks().isEmpty()) {
            warnings.add("the adapter " + use.lora().name() + " has no layers that fit "
                    + String.join(", ", use.idleBlocks()) + "; expected patterns such as down_blocks.*");
        }
    }

    private void images() {
        if (run.region().isEmpty()) {
            request.source().ifPresent(image -> scaled("the image", image.image()));
            request.controls().forEach(control -> scaled("the control image", control.image()));
        }
    }

    private void scaled(String what, BufferedImage image) {
        if (image.getWidth() != run.width() || image.getHeight() != run.height()) {
            warnings.add(what + " is " + image.getWidth() + "x" + image.getHeight() + " and is scaled to " + run.width()
                    + "x" + run.height());
        }
    }

    private void controls() {
        Plan plan = run.course().plan();
        for (ControlInput control : request.controls()) {
            if (IntStream.range(0, run.course().taken(plan)).noneMatch(step -> control.steers(step, plan.steps()))) {
                DenoisingRange range = control.range();
                warnings.add("the control " + control.name() + " has no effect: no step lies between " + range.start()
                        + " and " + range.end() + " of " + plan.steps() + "; expected a longer range, or more steps");
            }
        }
    }

    private void gate(int gate) {
        run.larger().map(Stages::steps).filter(taken -> taken <= gate).ifPresent(taken -> {
            warnings.add("tgate has no effect at the larger size: its gate is after " + Counted.of(gate, "step")
                    + ", and that run takes " + taken);
        });
        if (changes(request.prompt().text(), gate)) {
            warnings.add(
                    "the prompt changes after step " + gate
                            + ", behind the gate of tgate, where the text is attended to no more; what it changes to has no effect");
        }
    }

    /** Whether a prompt has other texts behind a gate than in the last step before it. */
    private boolean changes(String prompt, int gate) {
        PromptSchedule schedule = PromptSchedule.of(prompt, request.prompt().syntax());
        Plan plan = run.course().plan();
        int before = run.course().before(plan);
        int all = before + plan.steps();
        return IntStream.range(before + gate, all)
                .anyMatch(step -> !schedule.at(step, all).equals(schedule.at(before + gate - 1, all)));
    }
}
