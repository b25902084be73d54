package io.latent4j.server.a1111;

import com.google.gson.JsonArray;
import io.latent4j.core.image.Images;
import io.latent4j.core.image.PngFile;
import io.latent4j.pipeline.request.ImageSize;
import io.latent4j.server.api.ApiException;
import io.latent4j.server.api.Uploads;
import io.latent4j.service.job.MaskFile;
import io.latent4j.service.job.SourceFiles;
import java.awt.Rectangle;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * The image that img2img begins with, and the mask of what is repainted.
 *
 * @param image in Base64
 * @param mask in Base64; all of the image if empty
 * @param strength how much may change
 * @param crops whether the image is cut to the proportions of the result, and not stretched
 * @param inverted whether black is repainted, and not white
 * @param blur of the mask in pixels
 * @param padding around the masked part that is worked on; the whole image if empty
 */
record InitImage(
        String image,
        Optional<String> mask,
        double strength,
        boolean crops,
        boolean inverted,
        int blur,
        OptionalInt padding) {
    private static final double STRENGTH = 0.75;
    private static final int BLUR = 4;
    private static final int CROP = 1;
    private static final int HALF = 128;
    private static final int WHITE = 255;
    private static final List<String> RESIZE_MODES =
            List.of("Just resize", "Crop and resize", "Resize and fill", "Just resize (latent upscale)");

    /** Which parts of a mask begin with what. */
    private static final List<String> FILLS = List.of("fill", "original", "latent noise", "latent nothing");

    private static final int ORIGINAL = 1;

    /**
     * Reads the fields.
     *
     * @throws WrongFieldsException if some are of wrong types, or there is no image
     */
    static InitImage of(LenientFields fields, List<String> warnings) {
        Optional<JsonArray> images = fields.list("init_images");
        Optional<String> mask = fields.text("mask").filter(text -> !text.isBlank());
        double strength = fields.number("denoising_strength").orElse(STRENGTH);
        int resize = fields.integer("resize_mode").orElse(0);
        int inverted = fields.integer("inpainting_mask_invert").orElse(0);
        int blur = blur(fields, warnings);
        int fill = fields.integer("inpainting_fill").orElse(0);
        boolean part = fields.flag("inpaint_full_res", true);
        int padding = fields.integer("inpaint_full_res_padding").orElse(0);
        Optional<String> image = images.filter(list -> !list.isEmpty())
                .map(list -> list.get(0))
                .filter(first ->
                        first.isJsonPrimitive() && first.getAsJsonPrimitive().isString())
                .map(first -> first.getAsString());
        if (image.isEmpty()) {
            fields.refuse("init_images", "there is no image to begin with; expected one in Base64", "value_error");
        }
        fields.check();
        if (images.orElseThrow().size() > 1) {
            warnings.add("init_images has " + images.get().size() + " images; all but the first have no effect");
        }
        if (resize > CROP) {
            warnings.add("resize_mode is " + title(RESIZE_MODES, resize) + "; expected 0 or 1: the image is stretched");
        }
        if (mask.isPresent() && fill != ORIGINAL) {
            warnings.add("inpainting_fill is " + title(FILLS, fill) + "; expected 1, original: the masked part begins "
                    + "with what the image shows there");
        }
        return new InitImage(
                image.orElseThrow(),
                mask,
                strength,
                resize == CROP,
                inverted != 0,
                blur,
                part ? OptionalInt.of(padding) : OptionalInt.empty());
    }

    private static String title(List<String> titles, int number) {
        return number + (number >= 0 && number < titles.size() ? ", " + titles.get(number) : "");
    }

    private static int blur(LenientFields fields, List<String> warnings) {
        int blur = fields.integer("mask_blur").orElse(BLUR);
        int x = fields.integer("mask_blur_x").orElse(blur);
        int y = fields.integer("mask_blur_y").orElse(blur);
        if (x != y) {
            warnings.add("mask_blur_x is " + x + " and mask_blur_y " + y + "; the larger is taken for both");
        }
        return Math.max(x, y);
    }

    /**
     * As files.
     *
     * @param size of the result
     * @throws ApiException if an image cannot be read
     */
    SourceFiles files(Uploads uploads, ImageSize size) {
        Path file = put(uploads, image, "init_images");
        if (mask.isEmpty() && !crops) {
            return new SourceFiles(file, OptionalDouble.of(strength), Optional.empty(), Optional.empty());
        }
        return uploads.decoded(file, "init_images", from -> files(uploads, size, file, from));
    }

    private SourceFiles files(Uploads uploads, ImageSize size, Path file, BufferedImage from) {
        Rectangle part = crops ? part(from, size) : new Rectangle(from.getWidth(), from.getHeight());
        boolean whole = part.width == from.getWidth() && part.height == from.getHeight();
        Path cut = whole ? file : put(uploads, cut(from, part), "init_images");
        Optional<MaskFile> masked = mask.map(text -> uploads.decoded(
                        put(uploads, text, "mask"),
                        "mask",
                        drawn -> cut(Images.resized(painted(drawn), from.getWidth(), from.getHeight()), part)))
                .map(drawn -> new MaskFile(put(uploads, drawn, "mask"), blur, padding));
        return new SourceFiles(cut, OptionalDouble.of(strength), masked, Optional.empty());
    }

    /** The largest part in the middle that has the proportions of the result. */
    private static Rectangle part(BufferedImage image, ImageSize size) {
        int width = image.getWidth();
        int height = image.getHeight();
        double aspect = size.width().orElse(width) / (double) size.height().orElse(height);
        int wide = Math.max(1, Math.min(width, (int) Math.round(height * aspect)));
        int high = Math.max(1, Math.min(height, (int) Math.round(width / aspect)));
        return new Rectangle((width - wide) / 2, (height - high) / 2, wide, high);
    }

    private static BufferedImage cut(BufferedImage image, Rectangle part) {
        return image.getSubimage(part.x, part.y, part.width, part.height);
    }

    /** A mask in white on black: of one that has transparent parts, the others are the mask. */
    private BufferedImage painted(BufferedImage drawn) {
        boolean transparent = isTransparent(drawn);
        BufferedImage from = transparent ? drawn : Images.opaque(drawn);
        BufferedImage mask = new BufferedImage(drawn.getWidth(), drawn.getHeight(), BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < from.getHeight(); y++) {
            for (int x = 0; x < from.getWidth(); x++) {
                int rgb = from.getRGB(x, y);
                int level = transparent ? (rgb >>> 24 > HALF ? WHITE : 0) : grey(rgb);
                int shown = inverted ? WHITE - level : level;
                mask.setRGB(x, y, shown << 16 | shown << 8 | shown);
            }
        }
        return mask;
    }

    private static int grey(int rgb) {
        return Math.round(0.299f * (rgb >> 16 & WHITE) + 0.587f * (rgb >> 8 & WHITE) + 0.114f * (rgb & WHITE));
    }

    private static boolean isTransparent(BufferedImage image) {
        if (!image.getColorModel().hasAlpha()) {
            return false;
        }
        for (int y = 0; y < image.getHeight(); y++) {
            for (int x = 0; x < image.getWidth(); x++) {
                if (image.getRGB(x, y) >>> 24 != WHITE) {
                    return true;
                }
            }
        }
        return false;
    }

    private static Path put(Uploads uploads, String base64, String field) {
        if (base64.startsWith("http://") || base64.startsWith("https://")) {
            throw ApiException.invalid(field, field + " is an address; expected the image itself in Base64");
        }
        return uploads.file(uploads.putBase64(base64, field), field);
    }

    private static Path put(Uploads uploads, BufferedImage image, String field) {
        return uploads.file(uploads.put(PngFile.bytes(image, Map.of()), field), field);
    }
}
