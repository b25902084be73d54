package io.latent4j.server.a1111;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.latent4j.core.config.Shown;
import io.latent4j.pipeline.request.GenerationRequest;
import io.latent4j.pipeline.request.Upscale;
import io.latent4j.pipeline.request.Upscaler;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** The second run at a larger size, which the web UI calls hires fix. */
final class HiresFix {
    private static final double STRENGTH = 0.75;
    private static final double SCALE = 2;

    /** Names of the web UI for what comes near; the value says how near. */
    private static final Map<String, Upscaler> NEAR = Map.of(
            "latent (antialiased)", Upscaler.LATENTS_BILINEAR,
            "latent (bicubic antialiased)", Upscaler.LATENTS_BICUBIC,
            "latent (nearest-exact)", Upscaler.LATENTS_NEAREST);

    private static final List<String> WITHOUT_EFFECT = List.of(
            "hr_checkpoint_name",
            "hr_sampler_name",
            "hr_scheduler",
            "hr_prompt",
            "hr_negative_prompt",
            "hr_cfg",
            "hr_additional_modules",
            "firstphase_width",
            "firstphase_height");

    private HiresFix() {}

    /**
     * The request with its second run, if it asks for one.
     *
     * @param strength of the second run, where the body has one
     * @throws IllegalArgumentException if a number is out of range
     */
    static GenerationRequest of(
            LenientFields fields, GenerationRequest request, double strength, List<String> warnings) {
        boolean wanted = fields.flag("enable_hr", false);
        double scale = fields.number("hr_scale").orElse(SCALE);
        int width = fields.integer("hr_resize_x").orElse(0);
        int height = fields.integer("hr_resize_y").orElse(0);
        int steps = fields.integer("hr_second_pass_steps").orElse(0);
        Optional<String> by = fields.text("hr_upscaler");
        for (String field : WITHOUT_EFFECT) {
            if (fields.isSet(field) && wanted) {
                warnings.add(field + " has no effect: the second run takes the settings of the first");
            }
        }
        fields.check();
        if (!wanted) {
            return request;
        }
        double factor = width > 0 || height > 0 ? factor(request, width, height, warnings) : scale;
        if (factor == 1) { // where clients begin
            warnings.add("enable_hr has no effect: the second run would be of the same size");
            return request;
        }
        return request.withUpscale(new Upscale(
                factor,
                strength,
                steps > 0 ? OptionalInt.of(steps) : OptionalInt.empty(),
                by.map(name -> upscaler(name, warnings)).orElse(Upscaler.LATENTS_BILINEAR)));
    }

    static double strength(LenientFields fields) {
        return fields.number("denoising_strength").orElse(STRENGTH);
    }

    /** The factor to a size of which a side may be 0, which is left to the other. */
    private static double factor(GenerationRequest request, int width, int height, List<String> warnings) {
        int from = request.size().width().orElse(0);
        int high = request.size().height().orElse(0);
        if (from == 0 || high == 0) {
            throw new IllegalArgumentException(
                    "there is hr_resize_x or hr_resize_y, but no width and height; expected both beside it");
        }
        double wide = width / (double) from;
        double tall = height / (double) high;
        if (width > 0 && height > 0 && (long) width * high != (long) height * from) {
            warnings.add("hr_resize_x and hr_resize_y have other proportions than width and height; the image is made "
                    + "larger in its own");
        }
        return Math.max(wide, tall);
    }

    private static Upscaler upscaler(String name, List<String> warnings) {
        String plain = name.strip().toLowerCase(Locale.ROOT);
        Optional<Upscaler> same = Arrays.stream(Upscaler.values())
                .filter(upscaler -> upscaler.title().equalsIgnoreCase(plain))
                .findFirst();
        if (same.isPresent()) {
            return same.get();
        }
        if (plain.isEmpty() || plain.equals("none")) {
            return Upscaler.PIXELS;
        }
        Upscaler near = NEAR.getOrDefault(plain, Upscaler.PIXELS);
        warnings.add("hr_upscaler is \"" + Shown.text(name) + "\", which the second run does not have; it is "
                + near.title());
        return near;
    }

    /** What makes latents larger. */
    static JsonArray latentModes() {
        JsonArray list = new JsonArray();
        for (Upscaler upscaler : Upscaler.values()) {
            if (upscaler != Upscaler.PIXELS) {
                JsonObject json = new JsonObject();
                json.addProperty("name", upscaler.title());
                list.add(json);
            }
        }
        return list;
    }
}
