package io.latent4j.server.a1111;

import com.google.gson.JsonObject;
import io.latent4j.core.config.Shown;
import io.latent4j.server.api.ApiException;
import io.latent4j.server.api.ImageEncoding;
import io.latent4j.server.api.ImageEncoding.Format;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The web UI's options that have a meaning here.
 *
 * @param checkpoint the model that makes images
 * @param clipSkip which layer of the text encoders is read, from the last one, 1
 * @param encoding of images in answers
 */
record Settings(String checkpoint, int clipSkip, ImageEncoding encoding) {
    private static final int MOST_QUALITY = 100;
    private static final int MOST_CLIP_SKIP = 12;
    private static final int QUALITY = 80;
    private static final String AUTOMATIC = "Automatic";

    Settings {
        Objects.requireNonNull(checkpoint, "checkpoint");
        Objects.requireNonNull(encoding, "encoding");
        if (clipSkip < 1 || clipSkip > MOST_CLIP_SKIP) {
            throw ApiException.invalid(
                    "CLIP_stop_at_last_layers",
                    "CLIP_stop_at_last_layers is " + clipSkip + "; expected 1 to " + MOST_CLIP_SKIP);
        }
    }

    /** For a server that has just begun. */
    static Settings of(String checkpoint) {
        return new Settings(checkpoint, 1, new ImageEncoding(Format.PNG, QUALITY));
    }

    /** All options, by the web UI's names. */
    JsonObject json() {
        JsonObject json = new JsonObject();
        json.addProperty("sd_model_checkpoint", checkpoint);
        json.addProperty("sd_checkpoint_hash", "");
        json.addProperty("sd_vae", AUTOMATIC);
        json.addProperty("CLIP_stop_at_last_layers", clipSkip);
        json.addProperty("samples_format", word(encoding.format()));
        json.addProperty("jpeg_quality", encoding.quality());
        json.addProperty("samples_save", true);
        json.addProperty("grid_save", false);
        json.addProperty("return_grid", false);
        json.addProperty("live_previews_enable", true);
        json.addProperty("show_progress_type", "Approx cheap");
        json.addProperty("show_progressbar", true);
        return json;
    }

    /** The web UI's name of a form. */
    private static String word(Format format) {
        return format == Format.JPEG ? "jpg" : format.word();
    }

    private static Optional<Format> format(String word) {
        return Stream.of(Format.values())
                .filter(format ->
                        format.word().equalsIgnoreCase(word) || word(format).equalsIgnoreCase(word))
                .findFirst();
    }

    /**
     * These with some changed. What has no meaning here is named in a warning, unless it is what it would be anyway.
     *
     * @throws ApiException if there is no such model, or a number is out of range
     */
    Settings with(LenientFields fields, JsonObject changes, Checkpoints checkpoints, List<String> warnings) {
        Optional<String> model = fields.name("sd_model_checkpoint").map(checkpoints::named);
        int layers = fields.integer("CLIP_stop_at_last_layers").orElse(clipSkip);
        Optional<String> word = fields.name("samples_format");
        int quality = fields.integer("jpeg_quality").orElse(encoding.quality());
        fields.check();
        if (quality < 1 || quality > MOST_QUALITY) {
            throw ApiException.invalid(
                    "jpeg_quality", "jpeg_quality is " + quality + "; expected 1 to " + MOST_QUALITY);
        }
        Optional<Format> format = word.flatMap(Settings::format);
        if (word.isPresent() && format.isEmpty()) {
            warnings.add("samples_format is \"" + Shown.text(word.get())
                    + "\"; expected png, jpg or webp: images are answered as " + word(encoding.format()));
        }
        fields.name("sd_vae")
                .filter(vae -> !vae.equalsIgnoreCase(AUTOMATIC))
                .ifPresent(vae -> warnings.add("sd_vae is \"" + Shown.text(vae) + "\"; expected " + AUTOMATIC
                        + ": the model's own autoencoder is used"));
        Settings changed = new Settings(
                model.orElse(checkpoint), layers, new ImageEncoding(format.orElse(encoding.format()), quality));
        JsonObject known = json();
        List<String> others = fields.unread().stream()
                .filter(option -> !changes.get(option).isJsonNull()
                        && !changes.get(option).equals(known.get(option)))
                .toList();
        if (!others.isEmpty()) {
            warnings.add("options without effect: " + Shown.names(others));
        }
        return changed;
    }
}
