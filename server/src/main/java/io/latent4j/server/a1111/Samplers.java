package io.latent4j.server.a1111;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import io.latent4j.core.config.Shown;
import io.latent4j.schedulers.catalogue.SamplingMethod;
import io.latent4j.schedulers.catalogue.Schedulers;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Sampling methods and spacings by the names that the web UI has for them. */
final class Samplers {
    private static final String KARRAS = "karras";
    private static final String EXPONENTIAL = "exponential";

    /** Which spacing the web UI takes for a method where none is chosen, by the method's title. */
    private static final Map<String, String> AUTOMATIC = Map.of(
            "DPM++ 2M", KARRAS,
            "DPM++ SDE", KARRAS,
            "DPM++ 2M SDE", EXPONENTIAL,
            "DPM++ 2M SDE Heun", EXPONENTIAL,
            "DPM++ 2S a", KARRAS,
            "DPM++ 3M SDE", EXPONENTIAL,
            "DPM2", KARRAS,
            "DPM2 a", KARRAS,
            "Restart", KARRAS);

    /** Names of the spacing that a method has of its own. */
    private static final Set<String> OWN = Set.of("normal", "uniform", "simple");

    /** Whose share of fresh noise can be set. */
    private static final Set<String> WITH_ETA = Set.of("DDIM", "TCD", "Euler a", "DPM2 a", "DPM++ SDE");

    private static final Set<String> NONE = Set.of("automatic", "none", "");

    private Samplers() {}

    /**
     * Our name of a method.
     *
     * @param sampler which may end with the spacing's name, as in {@code "DPM++ 2M Karras"}
     * @param scheduler the spacing; the method's usual one if empty
     * @throws IllegalArgumentException if there is no such method
     */
    static String named(String sampler, Optional<String> scheduler, List<String> warnings) {
        String title = Schedulers.title(sampler);
        Optional<SamplingMethod> bare = method(title);
        if (bare.isEmpty()) { // the name has a spacing
            return title;
        }
        String spacing = scheduler.orElse("").strip().toLowerCase(Locale.ROOT).replace('_', ' ');
        if (NONE.contains(spacing)) {
            return Optional.ofNullable(AUTOMATIC.get(title))
                    .map(usual -> Schedulers.title(title + " " + usual))
                    .orElse(title);
        }
        if (OWN.contains(spacing)) {
            return title;
        }
        try {
            return Schedulers.title(title + " " + spacing);
        } catch (IllegalArgumentException e) {
            warnings.add("scheduler is \"" + Shown.text(spacing) + "\", which " + title
                    + " does not have; it has no effect");
            return title;
        }
    }

    private static Optional<SamplingMethod> method(String title) {
        return Schedulers.methods().stream()
                .filter(method -> method.title().equals(title))
                .findFirst();
    }

    /** Whether the share of fresh noise of this method can be set. */
    static boolean hasEta(String name) {
        String title = Schedulers.title(name);
        return WITH_ETA.stream().anyMatch(method -> title.equals(method) || isSpaced(title, method));
    }

    private static boolean isSpaced(String title, String method) {
        return title.startsWith(method + " ")
                && Schedulers.spacings()
                        .contains(title.substring(method.length() + 1).toLowerCase(Locale.ROOT));
    }

    /** All methods, as the web UI lists them. */
    static JsonArray methods() {
        JsonArray list = new JsonArray();
        for (SamplingMethod method : Schedulers.methods()) {
            JsonObject json = new JsonObject();
            json.addProperty("name", method.title());
            Set<String> aliases = new LinkedHashSet<>();
            method.names()
                    .forEach(name -> aliases.add("k_" + name.replace("++", "pp").replace(' ', '_')));
            json.add("aliases", texts(aliases));
            JsonObject options = new JsonObject();
            Optional.ofNullable(AUTOMATIC.get(method.title()))
                    .ifPresent(spacing -> options.addProperty("scheduler", spacing));
            json.add("options", options);
            list.add(json);
        }
        return list;
    }

    /** All spacings, as the web UI lists them. */
    static JsonArray spacings() {
        JsonArray list = new JsonArray();
        list.add(spacing("automatic", "Automatic"));
        list.add(spacing("normal", "Normal"));
        for (String word : Schedulers.spacings()) {
            String titled = Schedulers.title("euler " + word).substring("Euler ".length());
            list.add(spacing(word.replace(' ', '_'), titled));
        }
        return list;
    }

    private static JsonObject spacing(String name, String label) {
        JsonObject json = new JsonObject();
        json.addProperty("name", name);
        json.addProperty("label", label);
        json.add("aliases", JsonNull.INSTANCE);
        json.addProperty("default_rho", -1);
        json.addProperty("need_inner_model", false);
        return json;
    }

    private static JsonElement texts(Set<String> texts) {
        JsonArray json = new JsonArray();
        texts.forEach(json::add);
        return json;
    }
}
