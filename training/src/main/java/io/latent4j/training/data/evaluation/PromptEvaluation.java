package io.latent4j.training.data.evaluation;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.Lists;
import io.latent4j.training.data.Draws;
import io.latent4j.training.data.scenes.Scene;
import io.latent4j.training.data.scenes.Scenes;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * What a model is measured by: captions that are held out of training, half of one figure and half of two, and for diversity
 * a few of them with several seeds each.
 *
 * @param captions one picture is made of each; where there are more than one-figure captions, these come again
 * @param firstSeed of the first picture; picture i has {@code firstSeed + i}
 * @param batch how many pictures are made at a time
 */
public record PromptEvaluation(List<Scene> captions, long firstSeed, int batch) {
    private static final int DIVERSITY_CAPTIONS = 12;
    private static final int DIVERSITY_SEEDS = 4;
    private static final double HALF = 0.5;

    public PromptEvaluation {
        captions = List.copyOf(captions);
        checkArgument(!captions.isEmpty(), "there are no captions; expected one or more");
        checkArgument(batch > 0, "batch is %s; expected 1 or more", batch);
    }

    /** Chooses {@code count} held-out captions by {@code seed}, which is also the first picture's. */
    public static PromptEvaluation of(int count, long seed, int batch) {
        return new PromptEvaluation(Scenes.sample(count, HALF, Scenes.Part.HELD_OUT, seed), seed, batch);
    }

    /** Makes and judges the pictures; {@code onStep} is called {@link #judgeSteps} times. */
    public Tally judge(PromptSampler sampler, Runnable onStep) {
        List<BufferedImage> pictures = pictures(sampler, captions, onStep);
        List<Judged> judged = new ArrayList<>();
        for (int i = 0; i < pictures.size(); i++) {
            judged.add(Judged.of(captions.get(i), firstSeed + i, pictures.get(i)));
        }
        return new Tally(judged);
    }

    /** Makes pictures for {@link Diversity}; {@code onStep} is called {@link #diversitySteps} times. */
    public double diversity(PromptSampler sampler, Runnable onStep) {
        List<BufferedImage> pictures = pictures(sampler, repeated(), onStep);
        return Diversity.of(Lists.partition(pictures, DIVERSITY_SEEDS));
    }

    /** What {@link #diversity} would be for scenes drawn instead of made, {@code side} pixels wide. */
    public double diversityOfDrawn(int side) {
        List<Scene> scenes = repeated();
        List<BufferedImage> pictures = new ArrayList<>();
        for (int i = 0; i < scenes.size(); i++) {
            pictures.add(scenes.get(i).draw(side, Draws.of(firstSeed, i)));
        }
        return Diversity.of(Lists.partition(pictures, DIVERSITY_SEEDS));
    }

    private List<Scene> repeated() {
        return captions.stream()
                .limit(DIVERSITY_CAPTIONS)
                .flatMap(scene -> Collections.nCopies(DIVERSITY_SEEDS, scene).stream())
                .toList();
    }

    private List<BufferedImage> pictures(PromptSampler sampler, List<Scene> scenes, Runnable onStep) {
        List<BufferedImage> pictures = new ArrayList<>();
        for (List<Scene> part : Lists.partition(scenes, batch)) {
            List<String> prompts = part.stream().map(Scene::caption).toList();
            pictures.addAll(sampler.pictures(prompts, firstSeed + pictures.size(), onStep));
        }
        return pictures;
    }

    /** The steps of {@link #judge}. */
    public int judgeSteps(PromptSampler sampler) {
        return Lists.partition(captions, batch).size() * sampler.steps();
    }

    /** The steps of {@link #diversity}. */
    public int diversitySteps(PromptSampler sampler) {
        return Lists.partition(repeated(), batch).size() * sampler.steps();
    }
}
