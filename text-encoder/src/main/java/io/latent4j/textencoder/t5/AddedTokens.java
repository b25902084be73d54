package io.latent4j.textencoder.t5;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Tokens that are found in a text as they are written, before it is normalized; the longest of several. */
final class AddedTokens {
    private final Map<String, Integer> ids;
    private final Map<Character, List<String>> byLetter = new HashMap<>();

    /** A part of a text: a token, or what is between tokens. */
    record Part(int start, String text, Optional<Integer> id) {}

    AddedTokens(Map<String, Integer> ids) {
        this.ids = Map.copyOf(ids);
        ids.keySet().stream()
                .sorted(Comparator.comparing(String::length).reversed().thenComparing(token -> token))
                .forEach(token -> byLetter.computeIfAbsent(token.charAt(0), letter -> new ArrayList<>())
                        .add(token));
    }

    List<Part> split(String text) {
        List<Part> parts = new ArrayList<>();
        int from = 0;
        for (int at = 0; at < text.length(); ) {
            Optional<String> token = tokenAt(text, at);
            if (token.isEmpty()) {
                at++;
                continue;
            }
            if (at > from) {
                parts.add(new Part(from, text.substring(from, at), Optional.empty()));
            }
            parts.add(new Part(at, token.get(), Optional.of(ids.get(token.get()))));
            at += token.get().length();
            from = at;
        }
        if (from < text.length()) {
            parts.add(new Part(from, text.substring(from), Optional.empty()));
        }
        return parts;
    }

    private Optional<String> tokenAt(String text, int at) {
        return byLetter.getOrDefault(text.charAt(at), List.of()).stream()
                .filter(token -> text.startsWith(token, at))
                .findFirst();
    }
}
