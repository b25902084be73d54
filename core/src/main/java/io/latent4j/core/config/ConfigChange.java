package io.latent4j.core.config;

import com.google.gson.JsonObject;
import java.util.Arrays;
import java.util.List;

/** A change of settings as a command line gives it: the keys that lead to a value, and the value in YAML. */
final class ConfigChange {
    private ConfigChange() {}

    /**
     * Changes {@code values}.
     *
     * @param change {@code training.rate=1e-4}, for instance
     * @param name of the values, for errors
     * @throws IllegalArgumentException if it is no change, its value is not YAML, or a key on its way has a value
     */
    static void apply(String change, JsonObject values, String name) {
        int equals = change.indexOf('=');
        List<String> path =
                Arrays.asList(change.substring(0, Math.max(0, equals)).split("\\.", -1));
        if (path.contains("")) {
            throw new IllegalArgumentException(
                    quoted(change) + " changes nothing; expected KEY.KEY=VALUE, as in training.rate=1e-4");
        }
        JsonObject at = values;
        for (String key : path.subList(0, path.size() - 1)) {
            if (!at.has(key) || at.get(key).isJsonNull()) { // a section whose keys are all commented out
                at.add(key, new JsonObject());
            }
            if (!at.get(key).isJsonObject()) {
                throw new IllegalArgumentException(quoted(change) + ": " + Shown.text(key) + " in " + name
                        + " is a value; expected keys under it");
            }
            at = at.getAsJsonObject(key);
        }
        try {
            at.add(path.get(path.size() - 1), SettingsText.yaml(change.substring(equals + 1)));
        } catch (SettingsText.Malformed e) {
            throw new IllegalArgumentException(quoted(change) + ": the value " + e.getMessage(), e);
        }
    }

    private static String quoted(String text) {
        return '"' + Shown.text(text) + '"';
    }
}
