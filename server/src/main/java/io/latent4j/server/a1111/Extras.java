package io.latent4j.server.a1111;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.latent4j.core.config.Shown;
import io.latent4j.core.image.ImageDecoder;
import io.latent4j.core.image.Images;
import io.latent4j.core.image.PngFile;
import io.latent4j.pipeline.request.ImageSize;
import io.latent4j.pipeline.request.Upscaler;
import io.latent4j.server.api.ApiException;
import io.latent4j.server.api.ImageEncoding;
import io.latent4j.server.api.Limits;
import io.latent4j.server.api.Uploads;
import java.awt.Dimension;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Images that are sent, at another size: what the web UI calls extras, without networks. */
final class Extras {
    private static final double FACTOR = 2;
    private static final int SIDE = 512;
    private static final int IMAGES_TOGETHER = 4; // of the largest size

    /** What the web UI's networks for faces are told. */
    private static final List<String> WITHOUT_EFFECT =
            List.of("gfpgan_visibility", "codeformer_visibility", "extras_upscaler_2_visibility");

    private static final String[] PASSED = {
        "show_extras_results", "codeformer_weight", "upscaler_2", "upscale_first", "upscaling_resize_enabled"
    };

    private final Uploads uploads;
    private final Limits limits;

    Extras(Uploads uploads, Limits limits) {
        this.uploads = uploads;
        this.limits = limits;
    }

    /** A way to another size. */
    enum Way {
        NONE("None"),
        LANCZOS("Lanczos"),
        NEAREST("Nearest"),
        PIXELS(Upscaler.PIXELS.title());

        private final String title;

        Way(String title) {
            this.title = title;
        }

        String title() {
            return title;
        }

        /** @throws ApiException if there is none of this name */
        static Way of(String name) {
            String plain = name.strip().toLowerCase(Locale.ROOT);
            for (Way way : values()) {
                if (plain.equals(way.title.toLowerCase(Locale.ROOT)) || (plain.isEmpty() && way == NONE)) {
                    return way;
                }
            }
            throw ApiException.invalid(
                    "upscaler_1",
                    "upscaler_1 is \"" + Shown.text(name)
                            + "\", which is not here, as no networks that enlarge images are;"
                            + " expected None, Lanczos, Nearest or " + Upscaler.PIXELS.title());
        }

        BufferedImage resized(BufferedImage image, int width, int height) {
            return switch (this) {
                case NONE -> image;
                case LANCZOS -> Lanczos.resized(image, width, height);
                case NEAREST -> nearest(image, width, height);
                case PIXELS -> Images.resized(image, width, height);
            };
        }

        private static BufferedImage nearest(BufferedImage image, int width, int height) {
            BufferedImage from = Images.opaque(image);
            BufferedImage resized = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
            for (int y = 0; y < height; y++) {
                int fromY = (int) ((y + 0.5) * from.getHeight() / height);
                for (int x = 0; x < width; x++) {
                    resized.setRGB(x, y, from.getRGB((int) ((x + 0.5) * from.getWidth() / width), fromY));
                }
            }
            return resized;
        }
    }

    /**
     * What a body asks for.
     *
     * @param factor of the sides; without effect where there is a size
     * @param size the width and height; none if empty
     * @param crops whether what is beyond the size is cut off
     */
    private record Asked(Way way, double factor, Optional<Size> size, boolean crops) {}

    private record Size(int width, int height) {}

    /**
     * The answer for one image.
     *
     * @throws WrongFieldsException if fields are of wrong types
     * @throws ApiException if the image cannot be read, or the result would be too large, or needs a network
     */
    JsonObject single(LenientFields fields, ImageEncoding encoding) {
        List<String> warnings = new ArrayList<>();
        Optional<String> image = fields.text("image").filter(text -> !text.isBlank());
        if (image.isEmpty()) {
            fields.refuse("image", "field required", "value_error.missing");
        }
        Asked asked = asked(fields, warnings);
        JsonObject json = answer(warnings);
        Path file = sent(image.orElseThrow(), "image");
        size(dimension(file, "image"), asked);
        json.addProperty("image", made(file, "image", asked, encoding));
        return json;
    }

    /** The answer for several. */
    JsonObject several(LenientFields fields, ImageEncoding encoding) {
        List<String> warnings = new ArrayList<>();
        List<JsonElement> list = fields.list("imageList").map(JsonArray::asList).orElseGet(List::of);
        if (list.isEmpty()) {
            fields.refuse("imageList", "field required", "value_error.missing");
        }
        List<String> images = new ArrayList<>();
        for (int i = 0; i < list.size(); i++) {
            LenientFields inner = list.get(i).isJsonObject()
                    ? fields.within(list.get(i).getAsJsonObject(), "imageList", i)
                    : fields.within(new JsonObject(), "imageList", i);
            Optional<String> data = inner.text("data");
            if (data.isEmpty()) {
                inner.refuse("data", "field required", "value_error.missing");
            }
            data.ifPresent(images::add);
        }
        Asked asked = asked(fields, warnings);
        if (images.size() > limits.images()) {
            throw ApiException.invalid(
                    "imageList", "imageList has " + images.size() + " images; expected at most " + limits.images());
        }
        List<Path> files =
                images.stream().map(image -> sent(image, "imageList")).toList();
        checkTogether(files, asked);
        JsonArray made = new JsonArray();
        files.forEach(file -> made.add(made(file, "imageList", asked, encoding)));
        JsonObject json = answer(warnings);
        json.add("images", made);
        return json;
    }

    private static JsonObject answer(List<String> warnings) {
        JsonArray told = new JsonArray();
        warnings.forEach(told::add);
        JsonObject json = new JsonObject();
        json.addProperty("html_info", "");
        json.add("warnings", told);
        return json;
    }

    private static Asked asked(LenientFields fields, List<String> warnings) {
        int mode = fields.integer("resize_mode").orElse(0);
        double factor = fields.number("upscaling_resize").orElse(FACTOR);
        int width = fields.integer("upscaling_resize_w").orElse(SIDE);
        int height = fields.integer("upscaling_resize_h").orElse(SIDE);
        boolean crops = fields.flag("upscaling_crop", true);
        String name = fields.text("upscaler_1").orElse("");
        for (String field : WITHOUT_EFFECT) {
            if (fields.number(field).orElse(0) > 0) {
                warnings.add(field + " has no effect");
            }
        }
        fields.pass(PASSED);
        fields.check();
        if (!fields.unread().isEmpty()) {
            warnings.add("not known, and without effect: " + Shown.names(fields.unread()));
        }
        Way way = Way.of(name);
        if (mode != 0 && mode != 1) {
            throw ApiException.invalid(
                    "resize_mode", "resize_mode is " + mode + "; expected 0, a factor, or 1, a size");
        }
        if (mode == 0 && !(factor > 0)) {
            throw ApiException.invalid(
                    "upscaling_resize", "upscaling_resize is " + factor + "; expected a number above 0");
        }
        if (mode == 1 && (width < 1 || height < 1)) {
            throw ApiException.invalid(
                    "upscaling_resize_w",
                    "upscaling_resize_w is " + width + " and upscaling_resize_h " + height
                            + "; expected 1 or more of both");
        }
        if (way == Way.NONE && (mode == 1 || factor != 1)) {
            warnings.add("the image keeps its size, as upscaler_1 is None");
        }
        return new Asked(way, factor, mode == 1 ? Optional.of(new Size(width, height)) : Optional.empty(), crops);
    }

    private Path sent(String base64, String field) {
        return uploads.file(uploads.putBase64(base64, field), field);
    }

    private static Dimension dimension(Path file, String field) {
        try {
            return ImageDecoder.size(file);
        } catch (IOException e) {
            throw new UncheckedIOException("the image in " + field + " cannot be read", e);
        }
    }

    /** As one answer has all of them, and takes as long as they do. */
    private void checkTogether(List<Path> files, Asked asked) {
        long pixels = 0;
        for (Path file : files) {
            Dimension size = size(dimension(file, "imageList"), asked);
            pixels += (long) size.width * size.height;
        }
        if (pixels > IMAGES_TOGETHER * limits.pixels()) {
            throw ApiException.invalid(
                    "imageList",
                    "the images would have " + pixels + " pixels together; expected at most "
                            + IMAGES_TOGETHER * limits.pixels() + ": fewer or smaller images");
        }
    }

    private String made(Path file, String field, Asked asked, ImageEncoding encoding) {
        return uploads.decoded(file, field, image -> {
            BufferedImage made = asked.way() == Way.NONE ? image : resized(image, asked);
            byte[] png = PngFile.bytes(made, texts(file, asked));
            return Base64.getEncoder().encodeToString(encoding.of(png));
        });
    }

    private BufferedImage resized(BufferedImage image, Asked asked) {
        Dimension size = size(new Dimension(/* width= */ image.getWidth(), /* height= */ image.getHeight()), asked);
        BufferedImage resized = asked.way().resized(image, size.width, size.height);
        return asked.size()
                .filter(part -> asked.crops())
                .map(part -> cut(resized, part))
                .orElse(resized);
    }

    /** What an image of this size becomes, before it is cut. */
    private Dimension size(Dimension image, Asked asked) {
        if (asked.way() == Way.NONE) {
            return image;
        }
        int width = image.width;
        int height = image.height;
        double factor = asked.size()
                .map(size -> Math.max(size.width() / (double) width, size.height() / (double) height))
                .orElse(asked.factor());
        double wide = Math.max(1, Math.rint(width * factor));
        double high = Math.max(1, Math.rint(height * factor));
        if (wide * high > limits.pixels() || Math.max(wide, high) > ImageSize.MOST_PIXELS) {
            throw ApiException.invalid(
                    asked.size().isPresent() ? "upscaling_resize_w" : "upscaling_resize",
                    "the image would have " + (long) wide + "x" + (long) high + " pixels; expected at most "
                            + limits.pixels() + " in all, and " + ImageSize.MOST_PIXELS + " of a side");
        }
        return new Dimension(/* width= */ (int) wide, /* height= */ (int) high);
    }

    /** The middle of it. */
    private static BufferedImage cut(BufferedImage image, Size size) {
        BufferedImage cut = new BufferedImage(size.width(), size.height(), BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = cut.createGraphics();
        graphics.drawImage(image, (size.width() - image.getWidth()) / 2, (size.height() - image.getHeight()) / 2, null);
        graphics.dispose();
        return cut;
    }

    /** The texts of the image that was sent, and how its size was changed. */
    private static Map<String, String> texts(Path file, Asked asked) {
        Map<String, String> texts = new LinkedHashMap<>();
        try {
            texts.putAll(PngFile.readText(file));
        } catch (IOException e) {
            texts.clear(); // an image of another kind
        }
        if (asked.way() != Way.NONE) {
            String to = asked.size()
                    .map(size -> "Postprocess upscale to: " + size.width() + "x" + size.height())
                    .orElseGet(() -> "Postprocess upscale by: " + asked.factor());
            texts.put(
                    "postprocessing",
                    to + ", Postprocess upscaler: " + asked.way().title());
        }
        return texts;
    }
}
