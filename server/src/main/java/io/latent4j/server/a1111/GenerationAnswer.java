package io.latent4j.server.a1111;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.latent4j.pipeline.request.Batch;
import io.latent4j.pipeline.request.GenerationRequest;
import io.latent4j.pipeline.request.Parameters;
import io.latent4j.pipeline.request.Variation;
import io.latent4j.server.api.Told;
import io.latent4j.service.store.StoredImage;
import io.latent4j.service.store.StoredJob;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** What txt2img and img2img answer: images, the request, and how the images were made. */
final class GenerationAnswer {
    private static final DateTimeFormatter TIMESTAMP =
            DateTimeFormatter.ofPattern("yyyyMMddHHmmss").withZone(ZoneOffset.UTC);

    private final Requested requested;
    private final StoredJob job;
    private final GenerationRequest request;
    private final List<Parameters> made;

    /** @param job at its end; one that was interrupted has the images that were finished */
    GenerationAnswer(Requested requested, StoredJob job) {
        this.requested = requested;
        this.job = job;
        this.request = job.spec().request();
        this.made = job.images().stream()
                .map(image -> Parameters.parse(image.parameters()))
                .toList();
    }

    /** @param images as the client wants them */
    JsonObject json(List<String> images) {
        JsonObject json = new JsonObject();
        json.add("images", texts(images.stream()));
        json.add("parameters", requested.echo());
        json.addProperty("info", info().toString());
        json.add("warnings", warnings());
        return json;
    }

    private JsonArray warnings() {
        return texts(Stream.concat(requested.warnings().stream(), Told.warnings(job).stream())
                .distinct());
    }

    private static JsonArray texts(Stream<String> texts) {
        JsonArray json = new JsonArray();
        texts.forEach(json::add);
        return json;
    }

    /** How they were made, which clients read from a text. */
    private JsonObject info() {
        JsonObject json = new JsonObject();
        String prompt = request.prompt().text();
        String negative = request.prompt().negative();
        List<StoredImage> images = job.images();
        json.addProperty("prompt", prompt);
        json.add("all_prompts", texts(images.stream().map(image -> prompt)));
        json.addProperty("negative_prompt", negative);
        json.add("all_negative_prompts", texts(images.stream().map(image -> negative)));
        seeds(json);
        json.addProperty(
                "width",
                images.stream()
                        .findFirst()
                        .map(StoredImage::width)
                        .orElseGet(() -> request.size().width().orElse(0)));
        json.addProperty(
                "height",
                images.stream()
                        .findFirst()
                        .map(StoredImage::height)
                        .orElseGet(() -> request.size().height().orElse(0)));
        json.addProperty("sampler_name", setting("Sampler").orElse(""));
        json.add("cfg_scale", number("CFG scale"));
        json.add("steps", number("Steps"));
        json.addProperty("batch_size", request.batch().batchSize());
        json.addProperty("restore_faces", false);
        json.add("face_restoration_model", JsonNull.INSTANCE);
        json.addProperty("sd_model_name", job.spec().model().orElse(""));
        json.add("sd_model_hash", JsonNull.INSTANCE);
        json.add("sd_vae_name", JsonNull.INSTANCE);
        json.add("sd_vae_hash", JsonNull.INSTANCE);
        json.addProperty("seed_resize_from_w", -1);
        json.addProperty("seed_resize_from_h", -1);
        json.add("denoising_strength", number("Denoising strength"));
        json.add("extra_generation_params", extra());
        json.addProperty("index_of_first_image", 0);
        json.add("infotexts", texts(images.stream().map(StoredImage::parameters)));
        json.add("styles", new JsonArray());
        json.addProperty("job_timestamp", TIMESTAMP.format(job.accepted()));
        json.addProperty("clip_skip", request.prompt().clipSkip());
        json.addProperty("is_using_inpainting_conditioning", false);
        json.addProperty("version", "latent4j");
        json.addProperty("job_id", job.id());
        json.addProperty("interrupted", job.count() > images.size());
        json.add("warnings", warnings());
        return json;
    }

    private void seeds(JsonObject json) {
        Batch batch = request.batch();
        Optional<Variation> variation = batch.variation();
        JsonArray seeds = new JsonArray();
        JsonArray subseeds = new JsonArray();
        for (StoredImage image : job.images()) {
            seeds.add(unsigned(image.seed()));
            subseeds.add(
                    variation.map(way -> unsigned(way.seed() + image.index())).orElseGet(() -> new JsonPrimitive(-1)));
        }
        json.add("seed", unsigned(batch.seed(0)));
        json.add("all_seeds", seeds);
        json.add("subseed", variation.map(way -> unsigned(way.seed())).orElseGet(() -> new JsonPrimitive(-1)));
        json.add("all_subseeds", subseeds);
        json.addProperty("subseed_strength", variation.map(Variation::strength).orElse(0.0));
    }

    private static JsonPrimitive unsigned(long seed) {
        return new JsonPrimitive(new BigInteger(Long.toUnsignedString(seed)));
    }

    private Optional<String> setting(String name) {
        return made.stream()
                .findFirst()
                .flatMap(first -> first.settings().get(name).stream().findFirst());
    }

    private JsonElement number(String name) {
        try {
            return setting(name)
                    .<JsonElement>map(text -> new JsonPrimitive(new BigDecimal(text)))
                    .orElse(JsonNull.INSTANCE);
        } catch (NumberFormatException e) {
            return JsonNull.INSTANCE;
        }
    }

    /** The settings that have no field of their own. */
    private JsonObject extra() {
        JsonObject json = new JsonObject();
        List<String> told = List.of("Steps", "Sampler", "CFG scale", "Seed", "Size", "Model", "Version");
        made.stream()
                .findFirst()
                .ifPresent(first -> first.settings().forEach((name, value) -> {
                    if (!told.contains(name)) {
                        json.addProperty(name, value);
                    }
                }));
        return json;
    }
}
