package io.latent4j.cli.options;

import io.latent4j.pipeline.request.GenerationRequest;
import io.latent4j.pipeline.request.Guidance;
import io.latent4j.pipeline.request.PerturbedAttention;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/** What pulls a run, how strongly and when. */
public final class GuidanceOptions {
    @Option(
            names = {"-g", "--guidance-scale"},
            paramLabel = "X",
            description = "How strongly the prompt pulls, 0 to 100; 1 and below is no guidance, at half the work"
                    + " (default: the model's).")
    private Optional<Double> scale;

    @Option(
            names = "--true-cfg-scale",
            paramLabel = "X",
            description =
                    "Classifier-free guidance, and so a negative prompt, for a model that is told the guidance scale,"
                            + " such as FLUX.1 dev: 0 to 100; above 1 it takes twice the work (default: 1, none).")
    private Optional<Double> trueScale;

    @Option(
            names = "--guidance-limit",
            paramLabel = "X",
            description =
                    "The most that guidance lengthens a prediction, in lengths of the prompt's own: 1 for instance"
                            + " (default: no limit).")
    private Optional<Double> limit;

    @Option(
            names = "--guidance-rescale",
            paramLabel = "X",
            description = "Part of the contrast that is restored under strong guidance, 0 to 1 (default: 0).")
    private Optional<Double> rescale;

    @Option(
            names = "--guidance-start",
            paramLabel = "X",
            description =
                    "The fraction of the denoising trajectory before guidance sets in, 0 to 1; steps without it take"
                            + " half the work (default: 0).")
    private Optional<Double> start;

    @Option(
            names = "--guidance-end",
            paramLabel = "X",
            description = "The fraction of the denoising trajectory after which guidance stops (default: 1).")
    private Optional<Double> end;

    @Option(
            names = "--dynamic-thresholding",
            paramLabel = "P",
            description = "Keep strong guidance within the range that the image has without it, told by this quantile:"
                    + " 0.995 for instance (default: off).")
    private Optional<Double> thresholding;

    @Option(
            names = "--cfg-plus-plus",
            description = "Guide by CFG++: the scale is 0 to 2 then, 0.6 unless it is given, and the scheduler ddim,"
                    + " euler or euler a.")
    private boolean plusPlus;

    @Option(
            names = "--pag-scale",
            paramLabel = "X",
            description =
                    "Perturbed-attention guidance: clearer shapes, beside --guidance-scale or alone; 3 for instance,"
                            + " and half as much work again (default: 0, off).")
    private Optional<Double> pagScale;

    @Option(
            names = "--pag-layers",
            paramLabel = "NAME",
            split = ",",
            description = "The layers that it takes attention from: mid_block, up_blocks.1, down_blocks.0.attentions.1"
                    + " (default: mid_block).")
    private List<String> pagLayers = List.of();

    /**
     * The request with what these options say.
     *
     * @throws IllegalArgumentException if a value is out of range, or an option lacks the one that it belongs to
     */
    public GenerationRequest addTo(GenerationRequest request) {
        Guidance guidance = request.guidance();
        double pag = pagScale.orElse(guidance.perturbed().scale());
        if (pag == 0 && !pagLayers.isEmpty()) {
            throw new IllegalArgumentException("--pag-layers is given without --pag-scale; expected both");
        }
        List<String> layers = pagLayers.isEmpty() ? guidance.perturbed().layers() : pagLayers;
        guidance = rescale.map(guidance::withRescale).orElse(guidance);
        guidance = guidance.between(start.orElse(guidance.start()), end.orElse(guidance.end()));
        guidance = scale.map(guidance::withScale).orElse(guidance);
        guidance = trueScale.map(guidance::withTrueScale).orElse(guidance);
        guidance = limit.map(guidance::withLimit).orElse(guidance);
        guidance = thresholding.map(guidance::withThresholding).orElse(guidance);
        guidance = plusPlus ? guidance.withPlusPlus() : guidance;
        return request.withGuidance(guidance.withPerturbed(new PerturbedAttention(pag, layers)));
    }
}
