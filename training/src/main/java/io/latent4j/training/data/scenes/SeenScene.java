package io.latent4j.training.data.scenes;

import com.google.common.collect.Maps;
import io.latent4j.training.data.Planes;
import java.awt.image.BufferedImage;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * What an image shows, found out from its pixels alone.
 *
 * <p>The background is the colour along the image's edge. What stands out from it, in connected parts and without specks,
 * is the figures. A figure's colour is what most of its pixels are nearest to, its shape the one that overlaps best when
 * laid over it at the best place and radius. Images may be soft, noisy and slightly off in colour.
 *
 * @param background nothing if it is none of those there are
 * @param things the figures, the largest first
 */
public record SeenScene(Optional<Background> background, List<SeenThing> things) {
    private static final double BACKGROUND_LIMIT = 22;
    private static final double COLOUR_LIMIT = 40;
    private static final double COLOUR_SHARE = 0.6;
    private static final double LEAST_OVERLAP = 0.75;
    private static final double SIZE_TOLERANCE = 0.25;
    private static final int MOST_THINGS = 9;
    private static final Map<Colour, Lab> COLOURS =
            Maps.immutableEnumMap(Maps.toMap(List.of(Colour.values()), colour -> Lab.of(colour.color())));
    private static final Map<Background, Lab> BACKGROUNDS =
            Maps.immutableEnumMap(Maps.toMap(List.of(Background.values()), background -> Lab.of(background.color())));

    /** Images of twice this side and more are made smaller; figures are as clear, and found sooner. */
    private static final int ENOUGH = 64;

    public SeenScene {
        things = List.copyOf(things);
    }

    /** Looks at an image, of 48 pixels each way or more. */
    public static SeenScene in(BufferedImage image) {
        BufferedImage small = small(image);
        Foreground foreground = new Foreground(small);
        double side = Math.min(small.getWidth(), small.getHeight());
        return new SeenScene(
                foreground.background().nearest(BACKGROUNDS, BACKGROUND_LIMIT),
                foreground.blobs().stream()
                        .limit(MOST_THINGS)
                        .map(blob -> thing(blob, foreground, side))
                        .toList());
    }

    private static BufferedImage small(BufferedImage image) {
        double factor = (double) ENOUGH / Math.min(image.getWidth(), image.getHeight());
        if (factor > 0.5) {
            return image;
        }
        int width = (int) Math.round(factor * image.getWidth());
        int height = (int) Math.round(factor * image.getHeight());
        return Planes.of(image).resized(width, height).image();
    }

    private static SeenThing thing(Blob blob, Foreground foreground, double side) {
        FigureFit fit = FigureFit.best(blob);
        return new SeenThing(
                colour(blob, foreground),
                Optional.of(fit.figure()).filter(f -> fit.overlap() >= LEAST_OVERLAP),
                size(fit.radius() / side),
                fit.x() / foreground.width(),
                fit.y() / foreground.height(),
                fit.radius() / side);
    }

    private static Optional<Colour> colour(Blob blob, Foreground foreground) {
        int[] core = foreground.core(blob);
        Map<Colour, Long> votes = IntStream.of(core)
                .mapToObj(pixel -> foreground.colour(pixel).nearest(COLOURS, COLOUR_LIMIT))
                .flatMap(Optional::stream)
                .collect(Collectors.groupingBy(Function.identity(), Collectors.counting()));
        return votes.entrySet().stream()
                .filter(vote -> vote.getValue() >= COLOUR_SHARE * core.length)
                .map(Map.Entry::getKey)
                .findFirst();
    }

    private static Optional<Size> size(double radius) {
        return Stream.of(Size.values())
                .filter(size -> Math.abs(radius - size.radius()) <= SIZE_TOLERANCE * size.radius())
                .findFirst();
    }

    /** The image in words. */
    public String words() {
        return (things.isEmpty()
                        ? "nothing"
                        : things.stream().map(thing -> "a " + thing.words()).collect(Collectors.joining(" and ")))
                + " on "
                + background.map(b -> "a " + b.word() + " background").orElse("a background of another colour");
    }
}
