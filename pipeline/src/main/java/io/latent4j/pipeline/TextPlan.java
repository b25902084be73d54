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
        PromptSchedule prompt = PromptSchedule.of(run.prompt(), run.request().promptSyntax());
        PromptSchedule negative =
                PromptSchedule.of(run.negativePrompt(), run.request().promptSyntax());
        int before = run.stepsBefore(plan);
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
                            run,
                            t,
                            images,
                            text -> encoded.computeIfAbsent(text, x -> run.encoded(x, manager)),
                            manager)));
        }
        return new TextPlan(steps);
    }
}
