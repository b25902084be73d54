package io.latent4j.server.own;

import com.google.gson.JsonArray;
import java.util.List;
import java.util.stream.Collectors;

/** The warnings of an answer that is an image: a list in JSON, in the letters that a header may have. */
final class WarningsHeader {
    static final String NAME = "Latent4j-Warnings";

    private static final int MOST_LETTERS = 4000; // of the 8192 that a server's headers have together

    private WarningsHeader() {}

    /** The warnings, or the first of them where a header cannot have all. */
    static String of(List<String> warnings) {
        JsonArray told = new JsonArray();
        String header = "[]";
        for (String warning : warnings) {
            told.add(warning);
            String longer = ascii(told.toString());
            if (longer.length() > MOST_LETTERS) {
                break;
            }
            header = longer;
        }
        return header;
    }

    private static String ascii(String json) {
        return json.chars()
                .mapToObj(c -> c < 0x7f ? Character.toString(c) : "\\u%04x".formatted(c))
                .collect(Collectors.joining());
    }
}
