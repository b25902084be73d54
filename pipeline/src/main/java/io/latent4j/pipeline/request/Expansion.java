package io.latent4j.pipeline.request;

import io.latent4j.core.image.Images;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;

/**
 * How far an image is to grow on each side, in pixels: outpainting. The new part begins as the image's edge drawn out,
 * and is repainted together with a seam within the image.
 */
public record Expansion(int left, int top, int right, int bottom) {
    private static final int MOST = 8192;
    private static final int BLUR = 4;
    private static final int SEAM = 3 * BLUR;

    public Expansion {
        Checks.check(left >= 0 && left <= MOST, "left", left, "0 to " + MOST);
        Checks.check(top >= 0 && top <= MOST, "top", top, "0 to " + MOST);
        Checks.check(right >= 0 && right <= MOST, "right", right, "0 to " + MOST);
        Checks.check(bottom >= 0 && bottom <= MOST, "bottom", bottom, "0 to " + MOST);
        Checks.check(left + top + right + bottom > 0, "expansion", 0, "some pixels on a side at least");
    }

    /** {@code image} in the middle of a larger one. */
    BufferedImage image(BufferedImage image) {
        int width = image.getWidth();
        int height = image.getHeight();
        BufferedImage larger =
                new BufferedImage(width + left + right, height + top + bottom, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = larger.createGraphics();
        graphics.setColor(Color.WHITE);
        graphics.fillRect(left, top, width, height);
        graphics.drawImage(Images.srgb(image), left, top, null);
        graphics.dispose();
        for (int y = 0; y < larger.getHeight(); y++) {
            for (int x = 0; x < larger.getWidth(); x++) {
                int fromX = Math.min(Math.max(x, left), left + width - 1);
                int fromY = Math.min(Math.max(y, top), top + height - 1);
                larger.setRGB(x, y, larger.getRGB(fromX, fromY));
            }
        }
        return larger;
    }

    /** What of {@link #image} to repaint. */
    Inpainting inpainting(BufferedImage image) {
        int width = image.getWidth();
        int height = image.getHeight();
        BufferedImage mask =
                new BufferedImage(width + left + right, height + top + bottom, BufferedImage.TYPE_BYTE_GRAY);
        Graphics2D graphics = mask.createGraphics();
        graphics.setColor(Color.WHITE);
        graphics.fillRect(0, 0, mask.getWidth(), mask.getHeight());
        graphics.setColor(Color.BLACK);
        int seamLeft = left > 0 ? SEAM : 0;
        int seamTop = top > 0 ? SEAM : 0;
        graphics.fillRect(
                left + seamLeft,
                top + seamTop,
                width - seamLeft - (right > 0 ? SEAM : 0),
                height - seamTop - (bottom > 0 ? SEAM : 0));
        graphics.dispose();
        return new Inpainting(mask).withBlur(BLUR);
    }
}
