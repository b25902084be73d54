package io.latent4j.server.openai;

import io.latent4j.core.image.PngFile;
import java.awt.image.BufferedImage;
import java.util.Map;
import java.util.Optional;

/** OpenAI's masks, whose transparent parts are repainted, as masks whose white parts are. */
final class RepaintMask {
    private static final int OPAQUE = 255;
    private static final int ALPHA_SHIFT = 24;

    private RepaintMask() {}

    /** A PNG that is white where this image is transparent; empty if it is so nowhere. */
    static Optional<byte[]> of(BufferedImage image) {
        if (!image.getColorModel().hasAlpha()) {
            return Optional.empty();
        }
        int width = image.getWidth();
        int height = image.getHeight();
        BufferedImage mask = new BufferedImage(width, height, BufferedImage.TYPE_BYTE_GRAY);
        boolean any = false;
        for (int y = 0; y < height; y++) {
            int[] row = image.getRGB(0, y, width, 1, null, 0, width);
            for (int x = 0; x < width; x++) {
                int clear = OPAQUE - (row[x] >>> ALPHA_SHIFT);
                any |= clear > 0;
                mask.getRaster().setSample(x, y, 0, clear);
            }
        }
        return any ? Optional.of(PngFile.bytes(mask, Map.of())) : Optional.empty();
    }
}
