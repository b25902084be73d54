package io.latent4j.training.data.evaluation;

import static com.google.common.base.Preconditions.checkArgument;

import io.latent4j.training.data.Planes;
import java.awt.image.BufferedImage;
import java.util.List;

/** How much images of one caption differ: their mean distance in pairs, root mean square over levels from 0 to 1. */
public final class Diversity {
    private Diversity() {}

    /**
     * The mean over captions.
     *
     * @param images for each caption two or more of one size
     */
    public static double of(List<List<BufferedImage>> images) {
        return images.stream().mapToDouble(Diversity::ofOne).average().orElseThrow();
    }

    private static double ofOne(List<BufferedImage> images) {
        checkArgument(images.size() > 1, "%s image; expected two of a caption or more", images.size());
        List<float[]> levels = images.stream().map(p -> Planes.of(p).values()).toList();
        double sum = 0;
        for (int i = 0; i < levels.size(); i++) {
            for (int j = 0; j < i; j++) {
                sum += distance(levels.get(i), levels.get(j));
            }
        }
        return sum / (levels.size() * (levels.size() - 1) / 2.0);
    }

    private static double distance(float[] one, float[] other) {
        double sum = 0;
        for (int i = 0; i < one.length; i++) {
            double d = (one[i] - other[i]) / 2; // levels from -1 to 1
            sum += d * d;
        }
        return Math.sqrt(sum / one.length);
    }
}
