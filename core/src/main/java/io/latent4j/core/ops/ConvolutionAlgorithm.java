package io.latent4j.core.ops;

import com.google.common.base.Enums;
import java.util.Locale;

/**
 * How 3×3 convolutions without a gradient are computed on a CPU, in float32 and where the image is large enough: one way for
 * all of a process. Small images, other types and gradients always take {@link #DIRECT}.
 */
public enum ConvolutionAlgorithm {
    /** By the engine's own kernels. */
    DIRECT,

    /** By minimal filtering: about twice as fast, with rounding errors some five times as large. */
    WINOGRAD;

    /** The system property that decides, {@code direct} or {@code winograd}. */
    public static final String PROPERTY = "latent4j.convolution";

    private static final ConvolutionAlgorithm CHOSEN = parse(System.getProperty(PROPERTY, WINOGRAD.toString()));

    /** What this process uses. */
    public static ConvolutionAlgorithm chosen() {
        return CHOSEN;
    }

    static ConvolutionAlgorithm parse(String name) {
        return Enums.getIfPresent(ConvolutionAlgorithm.class, name.toUpperCase(Locale.ROOT))
                .toJavaUtil()
                .orElseThrow(() -> new IllegalArgumentException(
                        "system property " + PROPERTY + " is \"" + name + "\"; expected direct or winograd"));
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
