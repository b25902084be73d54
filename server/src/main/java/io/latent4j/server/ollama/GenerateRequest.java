package io.latent4j.server.ollama;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.latent4j.core.config.Shown;
import io.latent4j.server.api.ApiException;
import io.latent4j.server.api.Fields;
import io.latent4j.server.api.JobSettings;
import io.latent4j.server.api.SpecFiles;
import io.latent4j.server.api.Uploads;
import io.latent4j.service.job.JobSpec;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeSet;

/**
 * What a request for an image asks for.
 *
 * @param named the model as the request calls it
 * @param spec the job
 * @param stream whether steps are told
 * @param warnings what has no effect
 */
record GenerateRequest(String named, JobSpec spec, boolean stream, List<String> warnings) {
    private static final int MOST_PIXELS = 16_384;
    private static final int MOST_STEPS = 10_000;

    GenerateRequest {
        warnings = List.copyOf(warnings);
    }

    /**
     * Reads a request.
     *
     * @throws ApiException if a field is wrong, or there is no such model
     */
    static GenerateRequest read(JsonObject body, OllamaModels models, Uploads uploads) {
        Fields fields = new Fields(body);
        List<String> warnings = new ArrayList<>();
        String named = fields.text("model").filter(name -> !name.isBlank()).orElseGet(models::usual);
        String model = models.served(named);
        JsonObject settings =
                fields.object(JobSettings.NAME).map(JobSettings::of).orElseGet(JsonObject::new);
        settings.addProperty("model", model);
        settings.addProperty("prompt", fields.text("prompt").orElse(""));
        for (String side : List.of("width", "height")) {
            add(settings, side, fields.integer(side, 0, MOST_PIXELS));
        }
        add(settings, "steps", fields.integer("steps", 0, MOST_STEPS));
        fields.object("options").ifPresent(options -> addOptions(settings, options, warnings));
        source(fields, uploads).ifPresent(digest -> JobSettings.addSource(settings, digest));
        boolean stream = fields.flag("stream", true);
        if (!fields.rest().isEmpty()) {
            warnings.add(Shown.names(new TreeSet<>(fields.rest())) + " is ignored: it is nothing of images");
        }
        JobSpec spec = JobSpec.fromJson(SpecFiles.withPaths(settings, uploads).toString());
        return new GenerateRequest(named, spec, stream, warnings);
    }

    /** Adds a number, unless it is there or 0, which leaves it open. */
    private static void add(JsonObject settings, String key, OptionalInt value) {
        if (value.orElse(0) > 0) {
            JobSettings.addUnlessThere(settings, key, value.getAsInt());
        }
    }

    private static void addOptions(JsonObject settings, JsonObject options, List<String> warnings) {
        List<String> others = new ArrayList<>();
        for (String key : options.keySet()) {
            if (key.equals("seed")) {
                addSeed(settings, options.get(key));
            } else {
                others.add("options." + key);
            }
        }
        if (!others.isEmpty()) {
            warnings.add(Shown.names(others) + " is ignored: it is nothing of images");
        }
    }

    /** A seed of 0 or less leaves it open. */
    private static void addSeed(JsonObject settings, JsonElement seed) {
        if (seed.isJsonNull() || settings.has("seed")) {
            return;
        }
        try {
            if (seed.getAsBigDecimal().compareTo(BigDecimal.ZERO) > 0) {
                settings.add("seed", seed);
            }
        } catch (NumberFormatException | UnsupportedOperationException | IllegalStateException e) {
            throw ApiException.invalid("options.seed", "options.seed is no number; expected a whole one");
        }
    }

    private static Optional<String> source(Fields fields, Uploads uploads) {
        List<JsonElement> images = fields.list("images");
        if (images.size() > 1) {
            throw ApiException.invalid(
                    "images",
                    "there are " + images.size() + " images; expected one at most, as they are not combined here");
        }
        return images.stream().findFirst().map(image -> {
            if (!image.isJsonPrimitive() || !image.getAsJsonPrimitive().isString()) {
                throw ApiException.invalid("images", "images has what is no text; expected an image in Base64");
            }
            return uploads.putBase64(image.getAsString(), "images");
        });
    }
}
