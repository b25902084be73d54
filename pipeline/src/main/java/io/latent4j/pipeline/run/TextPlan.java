package io.latent4j.pipeline.run;

import ai.djl.ndarray.NDManager;
import io.latent4j.pipeline.model.Conditioning;
import io.latent4j.pipeline.model.TextSession;
import io.latent4j.pipeline.request.GenerationRequest;
import io.latent4j.schedulers.Plan;
import io.latent4j.textencoder.PromptSchedule;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What a UNet is told of the texts at each step of a run.
 *
 * @param steps one for each step of the plan; steps with the same texts share it
 */
public record TextPlan(List<Conditioning> steps) {

    /**
     * Reads the texts of a run, each once.
     *
     * @param prompts one for each image, in place of the request's
     */
    public static TextPlan of(Run run, Plan plan, List<String> prompts, NDManager manager) {
        try (TextSession texts = run.parts().text().open(run.textOptions(), run.adapters(), manager)) {
            return of(run, plan, prompts, texts);
        }
    }

    private static TextPlan of(Run run, Plan plan, List<String> prompts, TextSession session) {
        GenerationRequest request = run.request();
        List<PromptSchedule> schedules = prompts.stream()
                .map(prompt -> PromptSchedule.of(prompt, request.prompt().syntax()))
                .toList();
        PromptSchedule negative =
                PromptSchedule.of(request.prompt().negative(), request.prompt().syntax());
        int before = run.course().before(plan);
        int all = before + plan.steps();
        Map<List<List<String>>, Conditioning> told = new HashMap<>();
        List<Conditioning> steps = new ArrayList<>();
        for (int step = before; step < all; step++) {
            List<String> positive = new ArrayList<>();
            for (PromptSchedule prompt : schedules) {
                positive.add(prompt.at(step, all));
            }
            List<List<String>> texts = run.guidance().active()
                    ? List.of(Collections.nCopies(positive.size(), negative.at(step, all)), positive)
                    : List.of(positive);
            steps.add(told.computeIfAbsent(
                    texts, sides -> session.conditioning(sides, run.width(), run.height(), request.micro())));
        }
        return new TextPlan(steps);
    }
}
