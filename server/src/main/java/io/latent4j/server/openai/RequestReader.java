package io.latent4j.server.openai;

import com.google.gson.JsonObject;
import io.latent4j.core.config.Shown;
import io.latent4j.pipeline.request.ImageSize;
import io.latent4j.server.api.ApiException;
import io.latent4j.server.api.Fields;
import io.latent4j.server.api.ImageEncoding;
import io.latent4j.server.api.JobSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads the fields of requests for images. */
final class RequestReader {
    private static final int MOST_IMAGES = 10;
    private static final int MOST_PARTIAL = 3;
    private static final int MOST_QUALITY = 100;
    private static final Pattern SIZE = Pattern.compile("([0-9]{1,5})x([0-9]{1,5})");

    /** Models of which OpenAI answers addresses, unless it is asked for the images themselves. */
    private static final Pattern BY_ADDRESS = Pattern.compile("dall-e-[23]");

    private static final List<String> IGNORED = List.of("moderation", "style", "input_fidelity");

    private RequestReader() {}

    /**
     * Reads the fields that generations, edits and variations have in common; the caller has read the others.
     *
     * @param prompt the text
     * @throws ApiException if one is wrong
     */
    static ImageRequest read(Fields fields, String prompt) {
        List<String> warnings = new ArrayList<>();
        Optional<String> model = fields.text("model").filter(name -> !name.isBlank());
        OptionalInt count = fields.integer("n", 1, MOST_IMAGES);
        ImageSize size = fields.text("size").map(RequestReader::size).orElse(ImageSize.DEFAULT);
        Quality quality =
                fields.choice("quality", Quality.WORDS).map(Quality::of).orElse(Quality.MEDIUM);
        boolean stream = fields.flag("stream", false);
        boolean url = fields.choice("response_format", List.of("b64_json", "url"))
                .map("url"::equals)
                .orElseGet(() -> !stream
                        && model.filter(name -> BY_ADDRESS.matcher(name).matches())
                                .isPresent());
        ImageEncoding encoding = encoding(fields);
        boolean transparent = fields.choice("background", List.of("auto", "opaque", "transparent"))
                .filter("transparent"::equals)
                .isPresent();
        if (transparent) {
            throw ApiException.invalid(
                    "background",
                    "background is transparent; the models here make opaque images: expected opaque or auto");
        }
        OptionalInt partial = fields.integer("partial_images", 0, MOST_PARTIAL);
        if (stream && url) {
            throw ApiException.invalid(
                    "response_format",
                    "response_format is url beside stream; expected b64_json, as events have images");
        }
        if (partial.orElse(0) > 0 && !stream) {
            warnings.add("partial_images is ignored, as stream is not true");
        }
        JsonObject settings =
                fields.object(JobSettings.NAME).map(JobSettings::of).orElseGet(JsonObject::new);
        Optional<String> user = fields.text("user").filter(name -> !name.isBlank());
        for (String key : IGNORED) {
            if (fields.has(key)) {
                warnings.add(key + " is ignored: there is nothing like it here");
            }
        }
        if (!fields.rest().isEmpty()) {
            warnings.add(Shown.names(new TreeSet<>(fields.rest())) + " is ignored: it is not known here");
        }
        return new ImageRequest(
                model,
                prompt,
                count,
                size,
                quality,
                url,
                encoding,
                stream ? OptionalInt.of(partial.orElse(0)) : OptionalInt.empty(),
                user,
                settings,
                warnings);
    }

    private static ImageSize size(String text) {
        if (text.isBlank() || text.equals("auto")) {
            return ImageSize.DEFAULT;
        }
        Matcher sides = SIZE.matcher(text);
        if (sides.matches()) {
            try {
                return ImageSize.of(Integer.parseInt(sides.group(1)), Integer.parseInt(sides.group(2)));
            } catch (IllegalArgumentException e) {
                throw ApiException.invalid("size", "size is " + text + ": " + e.getMessage());
            }
        }
        throw ApiException.invalid("size", "size is no size; expected auto, or WIDTHxHEIGHT, 512x512 for instance");
    }

    private static ImageEncoding encoding(Fields fields) {
        Optional<String> format = fields.choice("output_format", ImageEncoding.Format.words());
        int quality = fields.integer("output_compression", 0, MOST_QUALITY).orElse(MOST_QUALITY);
        return new ImageEncoding(format.map(ImageEncoding.Format::of).orElse(ImageEncoding.Format.PNG), quality);
    }
}
