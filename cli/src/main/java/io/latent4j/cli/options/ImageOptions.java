package io.latent4j.cli.options;

import io.latent4j.pipeline.request.Expansion;
import io.latent4j.service.job.MaskFile;
import io.latent4j.service.job.SourceFiles;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import picocli.CommandLine.Option;

/** What to start from instead of noise. */
public final class ImageOptions {
    private static final int BLUR = 4;
    private static final int PADDING = 32;

    @Option(
            names = "--image",
            paramLabel = "FILE",
            description =
                    "Start from this image (PNG, JPEG, WebP, TIFF, BMP, GIF) instead of noise; it is scaled to --width and"
                            + " --height, or keeps its size without them.")
    private Optional<Path> image;

    @Option(
            names = "--strength",
            paramLabel = "X",
            description = "How little of --image stays, above 0 and up to 1: the part of the steps that is taken"
                    + " (default: 0.8, and 1 for what is repainted).")
    private Optional<Double> strength;

    @Option(
            names = "--mask",
            paramLabel = "FILE",
            description = "Repaint only what is white in this image, which is of the size of --image.")
    private Optional<Path> mask;

    @Option(
            names = "--mask-blur",
            paramLabel = "PIXELS",
            description = "How softly what is repainted meets the rest (default: 4).")
    private Optional<Integer> blur;

    @Option(
            names = "--only-masked",
            description = "Work on the masked part alone, at --width and --height or the model's own size, and put it"
                    + " back: more detail in small parts of large images.")
    private boolean onlyMasked;

    @Option(
            names = "--padding",
            paramLabel = "PIXELS",
            description = "What --only-masked takes in around the masked part (default: 32).")
    private Optional<Integer> padding;

    @Option(
            names = "--expand",
            paramLabel = "SIDE=PIXELS",
            split = ",",
            description = "Paint on beyond the edges of --image: left=64,right=64 for instance, and top and bottom.")
    private Map<Side, Integer> expand = new EnumMap<>(Side.class);

    @Option(
            names = "--reference",
            paramLabel = "FILE",
            description =
                    "An image that the prompt speaks of, for a model that edits images, such as FLUX.2 klein; give it"
                            + " several times for several: the first is image 1.")
    private List<Path> references = List.of();

    /** An edge of an image, by the name that the command line has for it. */
    private enum Side {
        left,
        top,
        right,
        bottom
    }

    /**
     * The image to start from, if there is one.
     *
     * @param otherwise the strength where none is given
     * @throws IllegalArgumentException if an option lacks the one that it belongs to, or a value is out of range
     */
    public Optional<SourceFiles> source(OptionalDouble otherwise) {
        needs("--image", image.isPresent(), "--strength", strength.isPresent());
        needs("--image", image.isPresent(), "--mask", mask.isPresent());
        needs("--image", image.isPresent(), "--expand", !expand.isEmpty());
        needs("--mask", mask.isPresent(), "--mask-blur", blur.isPresent());
        needs("--mask", mask.isPresent(), "--only-masked", onlyMasked);
        needs("--only-masked", onlyMasked, "--padding", padding.isPresent());
        return image.map(file -> new SourceFiles(
                file,
                strength.map(OptionalDouble::of).orElse(otherwise),
                mask.map(white -> new MaskFile(
                        white,
                        blur.orElse(BLUR),
                        onlyMasked ? OptionalInt.of(padding.orElse(PADDING)) : OptionalInt.empty())),
                expansion()));
    }

    /** Files of the images that the prompt speaks of. */
    public List<Path> references() {
        return references;
    }

    private Optional<Expansion> expansion() {
        return expand.isEmpty()
                ? Optional.empty()
                : Optional.of(
                        new Expansion(pixels(Side.left), pixels(Side.top), pixels(Side.right), pixels(Side.bottom)));
    }

    private int pixels(Side side) {
        return expand.getOrDefault(side, 0);
    }

    private static void needs(String needed, boolean isThere, String option, boolean isGiven) {
        if (isGiven && !isThere) {
            throw new IllegalArgumentException(option + " is given without " + needed + "; expected both");
        }
    }
}
