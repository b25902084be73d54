package io.latent4j.server.comfy;

import io.latent4j.core.image.Images;
import io.latent4j.core.image.PngFile;
import io.latent4j.server.api.Uploads;
import io.latent4j.service.job.MaskFile;
import io.latent4j.service.job.SourceFiles;
import java.awt.Rectangle;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.function.Function;

/** Makes files of the image and mask that a graph starts from: whole blocks of the autoencoder, without transparency. */
final class StartFiles {
    private static final int BLOCK = 8;
    private static final int WHITE = 255;
    private static final int HALF = 128;
    private static final int GREY = 0x7f7f7f;

    private final Uploads uploads;

    StartFiles(Uploads uploads) {
        this.uploads = uploads;
    }

    SourceFiles of(GraphJob.Start start) {
        return decoded(start.latents().image().digest(), image -> of(start, image));
    }

    private SourceFiles of(GraphJob.Start start, BufferedImage image) {
        Value.Encoded latents = start.latents();
        Rectangle part = blocks(image);
        BufferedImage seen = solid(image, part);
        Optional<int[][]> mask = latents.mask().map(drawn -> levels(drawn, image, part));
        if (latents.erased()) {
            mask.ifPresent(levels -> erase(seen, levels));
        }
        Optional<MaskFile> file = mask.map(levels -> grown(levels, latents.grow()))
                .map(levels -> new MaskFile(put(drawn(levels)), 0, OptionalInt.empty()));
        return new SourceFiles(put(seen), OptionalDouble.of(start.strength()), file, Optional.empty());
    }

    private <T> T decoded(String digest, Function<BufferedImage, T> work) {
        return uploads.decoded(uploads.file(digest, "image"), "image", work);
    }

    private Path put(BufferedImage image) {
        return uploads.file(uploads.put(PngFile.bytes(image, Map.of()), "image"), "image");
    }

    /** The middle of an image, of which the autoencoder encodes whole blocks. */
    private static Rectangle blocks(BufferedImage image) {
        int width = Math.max(1, image.getWidth() / BLOCK) * BLOCK;
        int height = Math.max(1, image.getHeight() / BLOCK) * BLOCK;
        int wide = Math.min(width, image.getWidth());
        int high = Math.min(height, image.getHeight());
        return new Rectangle((image.getWidth() - wide) / 2, (image.getHeight() - high) / 2, wide, high);
    }

    /** Its colours, also where it is transparent. */
    private static BufferedImage solid(BufferedImage image, Rectangle part) {
        BufferedImage srgb = Images.srgb(image);
        BufferedImage solid = new BufferedImage(part.width, part.height, BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < part.height; y++) {
            for (int x = 0; x < part.width; x++) {
                solid.setRGB(x, y, srgb.getRGB(part.x + x, part.y + y));
            }
        }
        return solid;
    }

    /** How much of each pixel is repainted, 0 to 255, by rows. */
    private int[][] levels(Value.Mask mask, BufferedImage image, Rectangle part) {
        return decoded(mask.digest(), from -> levels(mask.channel(), from, image, part));
    }

    private static int[][] levels(String channel, BufferedImage from, BufferedImage image, Rectangle part) {
        int[][] levels = new int[part.height][part.width];
        for (int y = 0; y < part.height; y++) {
            for (int x = 0; x < part.width; x++) {
                int maskX = (int) ((long) (part.x + x) * from.getWidth() / image.getWidth());
                int maskY = (int) ((long) (part.y + y) * from.getHeight() / image.getHeight());
                levels[y][x] = level(from.getRGB(maskX, maskY), channel);
            }
        }
        return levels;
    }

    private static int level(int argb, String channel) {
        return switch (channel) {
            case "red" -> argb >> 16 & WHITE;
            case "green" -> argb >> 8 & WHITE;
            case "blue" -> argb & WHITE;
            default -> WHITE - (argb >>> 24);
        };
    }

    private static void erase(BufferedImage image, int[][] levels) {
        for (int y = 0; y < levels.length; y++) {
            for (int x = 0; x < levels[y].length; x++) {
                if (levels[y][x] >= HALF) {
                    image.setRGB(x, y, GREY);
                }
            }
        }
    }

    /** With an edge of so many pixels in all around what is repainted. */
    private static int[][] grown(int[][] levels, int by) {
        int[][] grown = levels;
        for (int i = 0; i < by / 2; i++) {
            grown = grown(grown);
        }
        return grown;
    }

    private static int[][] grown(int[][] levels) {
        int height = levels.length;
        int width = levels[0].length;
        int[][] grown = new int[height][width];
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                int most = 0;
                for (int nearY = Math.max(0, y - 1); nearY <= Math.min(height - 1, y + 1); nearY++) {
                    for (int nearX = Math.max(0, x - 1); nearX <= Math.min(width - 1, x + 1); nearX++) {
                        most = Math.max(most, levels[nearY][nearX]);
                    }
                }
                grown[y][x] = most;
            }
        }
        return grown;
    }

    private static BufferedImage drawn(int[][] levels) {
        BufferedImage mask = new BufferedImage(levels[0].length, levels.length, BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < levels.length; y++) {
            for (int x = 0; x < levels[y].length; x++) {
                int level = levels[y][x];
                mask.setRGB(x, y, level << 16 | level << 8 | level);
            }
        }
        return mask;
    }
}
