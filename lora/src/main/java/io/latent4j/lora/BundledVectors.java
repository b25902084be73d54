package io.latent4j.lora;

import java.util.List;
import java.util.Optional;

/**
 * A tensor's name in an adapter file that brings learned words (textual inversion): {@code bundle_emb.WORD.KIND}, with
 * {@code string_to_param.*} or {@code emb_params} as the kind of a word for one text encoder, and {@code clip_l}, {@code
 * clip_g} for those of several.
 *
 * @param word as it is written in a text
 * @param kind which text encoder's vectors they are
 */
record BundledVectors(String word, String kind) {
    private static final String BEGINNING = "bundle_emb.";
    private static final List<String> KINDS = List.of("string_to_param.*", "emb_params", "clip_l", "clip_g");

    /** Takes a name apart; empty for one that is no word's. */
    static Optional<BundledVectors> of(String key) {
        if (!key.startsWith(BEGINNING)) {
            return Optional.empty();
        }
        String rest = key.substring(BEGINNING.length());
        return KINDS.stream()
                .filter(kind -> rest.endsWith("." + kind))
                .map(kind -> new BundledVectors(rest.substring(0, rest.length() - kind.length() - 1), kind))
                .filter(found -> !found.word().isBlank())
                .findFirst();
    }

    /** The tensor's name. */
    String key() {
        return BEGINNING + word + "." + kind;
    }
}
