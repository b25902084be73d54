package io.latent4j.server.a1111;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.latent4j.core.config.Shown;
import io.latent4j.pipeline.request.DenoisingRange;
import io.latent4j.server.api.ApiException;
import io.latent4j.server.api.Uploads;
import io.latent4j.service.job.ControlFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** Control networks, as the web UI's most used extension takes them: units in {@code alwayson_scripts}. */
final class ControlUnits {
    private static final String SCRIPT = "controlnet";
    private static final String PROMPT_FIRST = "my prompt is more important";
    private static final String CONTROL_FIRST = "controlnet is more important";

    /** Which side counts more, in the order of the numbers by which clients may say it. */
    private static final List<String> MODES = List.of("balanced", PROMPT_FIRST, CONTROL_FIRST);

    private static final int MOST_WEIGHT = 10;

    private ControlUnits() {}

    /**
     * One of them.
     *
     * @param model the control network's name
     * @param image in Base64
     * @param scale how strongly it steers
     * @param guess whether it finds the subject itself
     */
    record Unit(String model, String image, double scale, DenoisingRange range, boolean guess) {
        /** As the job has it. */
        ControlFile file(Uploads uploads) {
            Path file = uploads.file(uploads.putBase64(image, "alwayson_scripts.controlnet.image"), "image");
            return new ControlFile(model, file, scale, range, guess);
        }
    }

    /**
     * Reads the units that are enabled. Other scripts are named in warnings.
     *
     * @throws ApiException if one needs what is not here, or a number is out of range
     */
    static List<Unit> of(LenientFields fields, List<String> warnings) {
        Optional<JsonObject> scripts = fields.object("alwayson_scripts");
        List<Unit> units = new ArrayList<>();
        for (String name : scripts.map(JsonObject::keySet).orElseGet(Set::of)) {
            JsonElement script = scripts.orElseThrow().get(name);
            if (!name.equalsIgnoreCase(SCRIPT)) {
                warnings.add("there is no script " + Shown.text(name) + "; it has no effect");
            } else if (script.isJsonObject()) {
                LenientFields inner = fields.within(script.getAsJsonObject(), "alwayson_scripts", name);
                JsonArray args = inner.list("args").orElseGet(JsonArray::new);
                for (int i = 0; i < args.size(); i++) {
                    unit(fields, name, i, args.get(i), warnings).ifPresent(units::add);
                }
            }
        }
        return units;
    }

    private static Optional<Unit> unit(
            LenientFields fields, String script, int i, JsonElement element, List<String> warnings) {
        if (!element.isJsonObject()) {
            return Optional.empty(); // the order of arguments of older releases begins with flags
        }
        JsonObject json = element.getAsJsonObject();
        LenientFields unit = fields.within(json, "alwayson_scripts", script, "args", i);
        if (!unit.flag("enabled", true)) {
            return Optional.empty();
        }
        Optional<String> module = unit.name("module");
        if (module.isPresent()) {
            throw ApiException.invalid(
                    "module",
                    "the module of a ControlNet unit is \"" + Shown.text(module.get())
                            + "\"; expected none, and an image that is prepared already");
        }
        Optional<String> model = unit.name("model").map(Checkpoints::plain);
        Optional<String> image = image(unit, json, "image").or(() -> image(unit, json, "input_image"));
        unit.pass("input_image", "pixel_perfect", "lowvram", "low_vram", "processor_res", "threshold_a", "threshold_b");
        unit.pass("guidance", "resize_mode", "save_detected_map", "hr_option", "is_ui", "input_mode", "output_dir");
        double scale = unit.number("weight").orElse(1);
        double start = unit.number("guidance_start").orElse(0);
        double end = unit.number("guidance_end").orElse(1);
        Optional<String> said = unit.text("control_mode").map(String::strip);
        boolean guesses = unit.flag("guessmode", false);
        unit.check();
        if (!(scale >= 0 && scale <= MOST_WEIGHT)) {
            throw ApiException.invalid(
                    "weight", "the weight of a ControlNet unit is " + scale + "; expected 0 to " + MOST_WEIGHT);
        }
        if (!(start >= 0 && start < end && end <= 1)) {
            throw ApiException.invalid(
                    "guidance_start",
                    "guidance_start of a ControlNet unit is " + start + " and guidance_end " + end
                            + "; expected a start of 0 or more, below an end of at most 1");
        }
        String mode = said.map(ControlUnits::mode).orElse(MODES.get(0));
        if (mode.equals(PROMPT_FIRST)) {
            warnings.add("control_mode is \"" + PROMPT_FIRST + "\"; expected Balanced or ControlNet is more important:"
                    + " it is Balanced");
        }
        if (!unit.unread().isEmpty()) {
            warnings.add("not known of ControlNet, and without effect: " + Shown.names(unit.unread()));
        }
        if (model.isEmpty() || image.isEmpty()) {
            throw ApiException.invalid(
                    "alwayson_scripts",
                    "a ControlNet unit has no " + (model.isEmpty() ? "model" : "image") + "; expected both, or that it "
                            + "is not enabled");
        }
        boolean guess = guesses || mode.equals(CONTROL_FIRST);
        return Optional.of(new Unit(model.get(), image.get(), scale, new DenoisingRange(start, end), guess));
    }

    /** An image alone, or with a mask beside it. */
    private static Optional<String> image(LenientFields unit, JsonObject json, String key) {
        JsonElement element = json.get(key);
        if (element != null && element.isJsonObject()) {
            unit.pass(key);
            return unit.within(element.getAsJsonObject(), key).text("image").filter(text -> !text.isBlank());
        }
        return unit.text(key).filter(text -> !text.isBlank());
    }

    /** By its name or its number. */
    private static String mode(String said) {
        String word = said.toLowerCase(Locale.ROOT);
        return MODES.stream()
                .filter(mode -> mode.equals(word)
                        || String.valueOf(MODES.indexOf(mode)).equals(word)
                        || (MODES.indexOf(mode) + ".0").equals(word))
                .findFirst()
                .orElseThrow(() -> ApiException.invalid(
                        "control_mode",
                        "the control_mode of a ControlNet unit is \"" + Shown.text(said)
                                + "\"; expected Balanced, My prompt is more important, ControlNet is more important, or"
                                + " 0, 1 or 2"));
    }
}
