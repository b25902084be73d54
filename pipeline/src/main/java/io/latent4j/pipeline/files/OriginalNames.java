package io.latent4j.pipeline.files;

import io.latent4j.pipeline.files.Origin.Form;
import java.util.HashMap;
import java.util.Map;

/** Names of blocks here and in the original layout; a key goes by the longest name that begins it. */
abstract sealed class OriginalNames
        permits UNetNames, ControlNetNames, AutoencoderNames, OpenAiClipNames, OpenClipNames {
    private final String prefix;
    private final Map<String, Origin> origins = new HashMap<>();

    /** @param prefix of all keys of this part in the original layout */
    OriginalNames(String prefix) {
        this.prefix = prefix;
    }

    final void put(String block, String original) {
        put(block, original, Form.SAME);
    }

    final void put(String block, String original, Form form) {
        origins.put(block, new Origin(original, form));
    }

    /** Where the weight with the key {@code key} is. */
    Origin origin(String key) {
        for (int end = key.length(); end > 0; end = key.lastIndexOf('.', end - 1)) {
            Origin origin = origins.get(key.substring(0, end));
            if (origin != null) {
                return new Origin(prefix + origin.key() + key.substring(end), origin.form());
            }
        }
        return Origin.same(prefix + key);
    }
}
