package io.latent4j.pipeline;

import ai.djl.ndarray.NDManager;
import io.latent4j.schedulers.Plan;
import io.latent4j.textencoder.PromptSchedule;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What a UNet is told of the texts at each step of a run.
 *
 * @param steps one for each step of the plan; steps with the same texts share it
 */
record TextPlan(List<Conditioning> steps) {

    /** Reads the texts of a run of {@code images} images, each once. */
    static TextPlan of(Run run, Plan plan, int images, NDManager manager) {
        try (TextEncoders encoders = new TextEncoders(run, manager)) {
            return of(run, plan, images, encoders, manager);
        }
    }

    private static TextPlan of(Run run, Plan plan, int images, TextEncoders encoders, NDManager manager) {
        GenerationRequest request = run.request();
        PromptSchedule prompt = PromptSchedule.of(request.prompt(), request.promptSyntax());
        PromptSchedule negative = PromptSchedule.of(request.negativePrompt(), request.promptSyntax());
        int before = run.course().before(plan);
        int all = before + plan.steps();
        Map<String, EncodedText> encoded = new HashMap<>();
        Map<List<String>, Conditioning> told = new HashMap<>();
        List<Conditioning> steps = new ArrayList<>();
        for (int step = before; step < all; step++) {
            List<String> texts = run.guidance().active()
                    ? List.of(negative.at(step, all), prompt.at(step, all))
                    : List.of(prompt.at(step, all));
            steps.add(told.computeIfAbsent(
                    texts,
                    t -> Conditioning.of(
                            run, t, images, text -> encoded.computeIfAbsent(text, encoders::encoded), manager)));
        }
        return new TextPlan(steps);
    }
}
