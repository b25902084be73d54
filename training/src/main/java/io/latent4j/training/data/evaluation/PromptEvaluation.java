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
 * @param captions one image is made of each; where there are more than one-figure captions, these come again
 * @param firstSeed of the first image; image i has {@code firstSeed + i}
 * @param batch how many images are made at a time
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

    /** Chooses {@code count} held-out captions by {@code seed}, which is also the first image's. */
    public static PromptEvaluation of(int count, long seed, int batch) {
        return new PromptEvaluation(Scenes.sample(count, HALF, Scenes.Part.HELD_OUT, seed), seed, batch);
    }

    /** Makes and judges the images; {@code onStep} is called {@link #judgeSteps} times. */
    public Tally judge(PromptSampler sampler, Runnable onStep) {
        List<BufferedImage> images = images(sampler, captions, onStep);
        List<Judged> judged = new ArrayList<>();
        for (int i = 0; i < images.size(); i++) {
            judged.add(Judged.of(captions.get(i), firstSeed + i, images.get(i)));
        }
        return new Tally(judged);
    }

    /** Makes images for {@link Diversity}; {@code onStep} is called {@link #diversitySteps} times. */
    public double diversity(PromptSampler sampler, Runnable onStep) {
        List<BufferedImage> images = images(sampler, repeated(), onStep);
        return Diversity.of(Lists.partition(images, DIVERSITY_SEEDS));
    }

    /** What {@link #diversity} would be for scenes drawn instead of made, {@code side} pixels wide. */
    public double diversityOfDrawn(int side) {
        List<Scene> scenes = repeated();
        List<BufferedImage> images = new ArrayList<>();
        for (int i = 0; i < scenes.size(); i++) {
            images.add(scenes.get(i).draw(side, Draws.of(firstSeed, i)));
        }
        return Diversity.of(Lists.partition(images, DIVERSITY_SEEDS));
    }

    private List<Scene> repeated() {
        return captions.stream()
                .limit(DIVERSITY_CAPTIONS)
                .flatMap(scene -> Collections.nCopies(DIVERSITY_SEEDS, scene).stream())
                .toList();
    }

    private List<BufferedImage> images(PromptSampler sampler, List<Scene> scenes, Runnable onStep) {
        List<BufferedImage> images = new ArrayList<>();
        for (List<Scene> part : Lists.partition(scenes, batch)) {
            List<String> prompts = part.stream().map(Scene::caption).toList();
            images.addAll(sampler.images(prompts, firstSeed + images.size(), onStep));
        }
        return images;
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
