package io.latent4j.benchmarks;

import ai.djl.Device;
import ai.djl.ndarray.types.DataType;
import io.latent4j.pipeline.model.Components;
import io.latent4j.pipeline.request.GenerationRequest;
import io.latent4j.pipeline.request.Guidance;
import io.latent4j.pipeline.request.StepCaching;
import io.latent4j.textencoder.PromptSyntax;
import io.latent4j.training.data.evaluation.Judged;
import io.latent4j.training.data.evaluation.PromptEvaluation;
import io.latent4j.training.data.evaluation.PromptSampler;
import io.latent4j.training.data.evaluation.Tally;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.PrintStream;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * What step caches cost in quality on the embedded model: how many images of captions are right, as {@code latent4j evaluate
 * prompts} tells it, and how far they are from those made without a cache, as the mean of their peak signal-to-noise ratios.
 *
 * <p>The first argument is the number of captions, and those after it are caches, {@code deepcache:3} for instance; {@code
 * end:0.4} is guidance that ends there, and no cache.
 */
public final class CachingQuality {
    private static final int BATCH = 10;
    private static final String GUIDANCE_END = "end:";

    private CachingQuality() {}

    /** Runs it and prints a line for each cache. */
    public static void main(String[] args) throws IOException {
        if (args.length < 2) {
            throw new IllegalArgumentException(
                    "expected a number of captions, and caches such as deepcache:3 after it");
        }
        run(Integer.parseInt(args[0]), List.of(args).subList(1, args.length), System.out);
    }

    static void run(int captions, List<String> caches, PrintStream out) throws IOException {
        PromptEvaluation evaluation = PromptEvaluation.of(captions, 0, BATCH);
        GenerationRequest plain = new GenerationRequest("").withPromptSyntax(PromptSyntax.PLAIN);
        try (Components model = Components.embedded(Device.cpu(), DataType.FLOAT32)) {
            Tally whole = judged(evaluation, model, plain, "none", out);
            for (String cache : caches) {
                Tally cached = judged(evaluation, model, with(cache, plain), cache, out);
                double[] ratios = new double[captions];
                Arrays.setAll(ratios, i -> psnr(image(whole, i), image(cached, i)));
                out.printf(
                        Locale.ROOT,
                        "    PSNR to none: mean %.1f dB, lowest %.1f dB%n",
                        Arrays.stream(ratios).average().orElseThrow(),
                        Arrays.stream(ratios).min().orElseThrow());
            }
        }
    }

    private static GenerationRequest with(String cache, GenerationRequest request) {
        return cache.startsWith(GUIDANCE_END)
                ? request.withGuidance(
                        Guidance.DEFAULT.between(0, Double.parseDouble(cache.substring(GUIDANCE_END.length()))))
                : request.withCaching(StepCaching.parse(cache));
    }

    private static Tally judged(
            PromptEvaluation evaluation, Components model, GenerationRequest request, String name, PrintStream out) {
        long start = System.nanoTime();
        Tally tally = evaluation.judge(new PromptSampler(model, request), () -> {});
        out.printf(
                Locale.ROOT,
                "%s: %.1f%% all right, %.1f s%n",
                name,
                100 * tally.allRight().orElseThrow(),
                (System.nanoTime() - start) * 1e-9);
        return tally;
    }

    private static BufferedImage image(Tally tally, int i) {
        List<Judged> images = tally.images();
        return images.get(i).image();
    }

    /** 10·log10(255² / mean squared difference), at most 99 dB, of which equal images have more. */
    private static double psnr(BufferedImage a, BufferedImage b) {
        double squares = 0;
        int[] first = a.getRaster().getPixels(0, 0, a.getWidth(), a.getHeight(), (int[]) null);
        int[] second = b.getRaster().getPixels(0, 0, b.getWidth(), b.getHeight(), (int[]) null);
        for (int i = 0; i < first.length; i++) {
            squares += (double) (first[i] - second[i]) * (first[i] - second[i]);
        }
        return squares == 0 ? 99 : Math.min(99, 10 * Math.log10(255.0 * 255.0 * first.length / squares));
    }
}
