package io.latent4j.training;

import io.latent4j.core.config.Bounds;
import io.latent4j.core.config.Config;
import java.io.IOException;
import java.util.List;

/**
 * The run file of a {@link TextualInversionTraining}.
 *
 * @param section names the section {@code words} in errors
 * @param tokens the new words, one or more
 * @param initial the text that each begins as
 * @param vectors of each word
 */
record TextualInversionPlan(
        FineTuningPlan base, Config section, List<String> tokens, List<String> initial, int vectors) {

    TextualInversionPlan {
        tokens = List.copyOf(tokens);
        initial = List.copyOf(initial);
    }

    /**
     * Reads and checks a whole run file, but for what depends on the model; loads nothing.
     *
     * @param given whether the program gives the images
     * @throws IllegalArgumentException naming all keys that are wrong
     * @throws IOException if the model or a folder of images is not there
     */
    static TextualInversionPlan read(Config file, boolean given) throws IOException {
        TextualInversionPlan plan = file.collect(run -> {
            Config words = run.section("words");
            List<String> tokens = words.texts("tokens", List.of());
            List<String> initial = words.texts("initial", List.of());
            if (tokens.isEmpty() || tokens.size() != initial.size()) {
                words.refuse("tokens has " + tokens.size() + " and initial has " + initial.size()
                        + "; expected one or more, and as many of each");
            }
            int vectors = words.integer("vectors", Bounds.atLeast(1), 1);
            TextualInversionPlan read =
                    new TextualInversionPlan(FineTuningPlan.read(run, given), words, tokens, initial, vectors);
            run.refuseTheRest();
            return read;
        });
        plan.base.requireIsThere();
        return plan;
    }
}
