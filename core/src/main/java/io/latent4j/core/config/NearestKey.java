package io.latent4j.core.config;

import java.util.Comparator;
import java.util.Set;
import java.util.stream.Collectors;

/** What a misspelt key may have been meant as. */
final class NearestKey {
    private static final int MOST_KEYS_SHOWN = 40;

    private NearestKey() {}

    /** A clause that names the known key that is nearest to {@code key}, and the others where they are not too many. */
    static String of(String key, Set<String> known) {
        String all = known.size() <= MOST_KEYS_SHOWN
                ? " of " + known.stream().map(Shown::text).collect(Collectors.joining(", "))
                : "";
        return known.stream()
                .min(Comparator.comparingInt(other -> EditDistance.between(key, other)))
                .map(other -> "the nearest is \"" + Shown.text(other) + "\"" + (known.size() > 1 ? all : ""))
                .orElse("expected none");
    }
}
