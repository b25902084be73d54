package io.latent4j.server.a1111;

import com.google.gson.JsonObject;
import io.latent4j.core.config.Shown;
import io.latent4j.pipeline.request.Batch;
import io.latent4j.pipeline.request.GenerationRequest;
import io.latent4j.pipeline.request.Variation;
import io.latent4j.server.api.ApiException;
import io.latent4j.server.api.Uploads;
import io.latent4j.service.job.JobSpec;
import io.latent4j.service.job.RefinerUse;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** Reads the bodies of txt2img and img2img as jobs. What is left out is the model's default. */
final class GenerationReader {
    private static final int RANDOM = -1;
    private static final double REFINER_FROM = 0.8;

    /** Flags and numbers of the web UI that nothing here has, unless they are off. */
    private static final List<String> WITHOUT_EFFECT = List.of(
            "tiling",
            "restore_faces",
            "styles",
            "s_churn",
            "s_tmin",
            "s_min_uncond",
            "infotext",
            "disable_extra_networks",
            "image_cfg_scale",
            "initial_noise_multiplier",
            "latent_mask",
            "comments");

    /** Fields of txt2img or img2img that change much in one of them, and nothing in the other. */
    private static final List<String> OF_THE_OTHER = List.of("enable_hr", "init_images", "mask");

    /** What says no more than where images are kept, and what other fields say too. */
    private static final String[] PASSED = {
        "save_images",
        "do_not_save_samples",
        "do_not_save_grid",
        "include_init_images",
        "script_args",
        "seed_enable_extras",
        "s_tmax",
        "url",
        "auth"
    };

    private final Checkpoints checkpoints;
    private final Uploads uploads;

    GenerationReader(Checkpoints checkpoints, Uploads uploads) {
        this.checkpoints = checkpoints;
        this.uploads = uploads;
    }

    /**
     * Reads a body of txt2img.
     *
     * @param settings the server's options
     * @throws WrongFieldsException if fields are of wrong types
     * @throws ApiException if what it asks for is wrong
     */
    Requested text(JsonObject body, Settings settings) {
        return read(body, settings, false);
    }

    /** Reads a body of img2img, as {@link #text} does. */
    Requested image(JsonObject body, Settings settings) {
        return read(body, settings, true);
    }

    private Requested read(JsonObject body, Settings settings, boolean fromImage) {
        LenientFields fields = new LenientFields(body);
        try {
            return requested(fields, body, settings, fromImage);
        } catch (IllegalArgumentException e) {
            fields.check();
            throw ApiException.invalid(Shown.sentence(String.valueOf(e.getMessage())));
        }
    }

    private Requested requested(LenientFields fields, JsonObject body, Settings settings, boolean fromImage) {
        List<String> warnings = new ArrayList<>();
        Settings own = overridden(fields, settings, warnings);
        GenerationRequest request = request(fields, own, warnings);
        Optional<InitImage> image = Optional.empty();
        if (fromImage) {
            image = Optional.of(InitImage.of(fields, warnings));
        } else {
            request = HiresFix.of(fields, request, HiresFix.strength(fields), warnings);
        }
        List<ControlUnits.Unit> units = ControlUnits.of(fields, warnings);
        Optional<RefinerUse> refiner = refiner(fields);
        Optional<String> task = fields.name("force_task_id");
        boolean sends = fields.flag("send_images", true);
        boolean keeps = !fields.flag("override_settings_restore_afterwards", true);
        script(fields);
        warn(fields, warnings);
        fields.check();
        JobSpec spec = new JobSpec(request).withModel(own.checkpoint());
        spec = refiner.map(spec::withRefiner).orElse(spec);
        if (image.isPresent()) {
            spec = spec.withSource(image.get().files(uploads, request.size()));
        }
        spec = spec.withControls(units.stream().map(unit -> unit.file(uploads)).toList());
        return new Requested(spec, echo(body), own, keeps ? Optional.of(own) : Optional.empty(), task, sends, warnings);
    }

    private Settings overridden(LenientFields fields, Settings settings, List<String> warnings) {
        Settings own = fields.object("override_settings")
                .map(changes ->
                        settings.with(fields.within(changes, "override_settings"), changes, checkpoints, warnings))
                .orElse(settings);
        OptionalInt layers = fields.integer("clip_skip"); // of a fork of the web UI
        return layers.isPresent() ? new Settings(own.checkpoint(), layers.getAsInt(), own.encoding()) : own;
    }

    private static GenerationRequest request(LenientFields fields, Settings settings, List<String> warnings) {
        GenerationRequest request = new GenerationRequest(fields.text("prompt").orElse(""))
                .withNegativePrompt(fields.text("negative_prompt").orElse(""))
                .withClipSkip(settings.clipSkip());
        OptionalInt steps = fields.integer("steps");
        if (steps.isPresent()) {
            request = request.withSteps(steps.getAsInt());
        }
        var scale = fields.number("cfg_scale");
        if (scale.isPresent()) {
            request = request.withGuidanceScale(scale.getAsDouble());
        }
        OptionalInt width = fields.integer("width");
        if (width.isPresent()) {
            request = request.withWidth(width.getAsInt());
        }
        OptionalInt height = fields.integer("height");
        if (height.isPresent()) {
            request = request.withHeight(height.getAsInt());
        }
        return batch(fields, sampling(fields, request, warnings));
    }

    private static GenerationRequest sampling(LenientFields fields, GenerationRequest request, List<String> warnings) {
        Optional<String> index = fields.name("sampler_index");
        Optional<String> sampler = fields.name("sampler_name").or(() -> index);
        Optional<String> scheduler = fields.name("scheduler");
        var eta = fields.number("eta");
        GenerationRequest sampled = request;
        if (sampler.isPresent()) {
            sampled = sampled.withScheduler(named(sampler.get(), scheduler, warnings));
        } else if (scheduler.filter(name -> !name.equalsIgnoreCase("automatic")).isPresent()) {
            warnings.add("scheduler has no effect without sampler_name");
        }
        if (eta.isPresent()) {
            if (sampled.sampling().scheduler().filter(Samplers::hasEta).isPresent()) {
                return sampled.withEta(eta.getAsDouble());
            }
            warnings.add(
                    "eta has no effect on " + sampled.sampling().scheduler().orElse("the model's own sampler"));
        }
        return sampled;
    }

    private static String named(String sampler, Optional<String> scheduler, List<String> warnings) {
        try {
            return Samplers.named(sampler, scheduler, warnings);
        } catch (IllegalArgumentException e) { // which calls it as jobs do, and says where programs find the others
            String message = String.valueOf(e.getMessage())
                    .replaceFirst("^scheduler ", "sampler_name ")
                    .replaceFirst("; `latent4j.*", "; /sdapi/v1/samplers lists all");
            throw ApiException.invalid("sampler_name", message);
        }
    }

    private static GenerationRequest batch(LenientFields fields, GenerationRequest request) {
        int size = fields.integer("batch_size").orElse(1);
        int batches = fields.integer("n_iter").orElse(1);
        OptionalLong seed = fields.longInteger("seed");
        OptionalLong subseed = fields.longInteger("subseed");
        double strength = fields.number("subseed_strength").orElse(0);
        if (size < 1 || batches < 1 || (long) size * batches > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(
                    "batch_size is " + size + " and n_iter " + batches + "; expected 1 or more of both");
        }
        GenerationRequest all = request.withCount(size * batches).withBatchSize(size);
        if (isGiven(seed)) {
            all = all.withSeed(seed.getAsLong());
        }
        if (strength != 0) {
            long other = isGiven(subseed)
                    ? subseed.getAsLong()
                    : Batch.ONE.seeded().seed().orElseThrow();
            all = all.withVariation(new Variation(other, strength));
        }
        return all;
    }

    private static boolean isGiven(OptionalLong seed) {
        return seed.isPresent() && seed.getAsLong() != RANDOM;
    }

    private Optional<RefinerUse> refiner(LenientFields fields) {
        Optional<String> model = fields.name("refiner_checkpoint");
        double from = fields.number("refiner_switch_at").orElse(REFINER_FROM);
        return model.filter(name -> from < 1).map(name -> new RefinerUse(checkpoints.named(name), from));
    }

    private static void script(LenientFields fields) {
        fields.name("script_name").ifPresent(name -> {
            throw new ApiException(422, "no_script", "Script '" + Shown.text(name) + "' not found", "script_name");
        });
    }

    private static void warn(LenientFields fields, List<String> warnings) {
        fields.pass(PASSED);
        for (String field : WITHOUT_EFFECT) {
            if (fields.isSet(field)) {
                warnings.add(field + " has no effect");
            }
        }
        for (String field : List.of("s_noise", "seed_resize_from_w", "seed_resize_from_h")) {
            double number = fields.number(field).orElse(0);
            if (field.equals("s_noise") ? number != 0 && number != 1 : number > 0) {
                warnings.add(field + " has no effect");
            }
        }
        List<String> unknown =
                fields.unread().stream().filter(key -> !isOfTheOther(key)).toList();
        if (!unknown.isEmpty()) {
            warnings.add("not known, and without effect: " + Shown.names(unknown));
        }
        for (String field : OF_THE_OTHER) {
            if (fields.unread().contains(field) && fields.isSet(field)) {
                warnings.add(field + " has no effect here");
            }
        }
    }

    /** Whether a field is one that clients send to txt2img and img2img alike. */
    private static boolean isOfTheOther(String key) {
        return OF_THE_OTHER.contains(key)
                || key.startsWith("hr_")
                || key.startsWith("inpaint")
                || key.startsWith("mask_blur")
                || key.equals("resize_mode");
    }

    /** The body without what is long or secret. */
    private static JsonObject echo(JsonObject body) {
        JsonObject echo = body.deepCopy();
        List.of("init_images", "mask", "alwayson_scripts", "auth").forEach(echo::remove);
        return echo;
    }
}
