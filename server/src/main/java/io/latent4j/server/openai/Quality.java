package io.latent4j.server.openai;

import com.google.common.collect.ImmutableList;
import java.util.List;
import java.util.Locale;

/** How much work goes into an image: which share of the model's usual steps. */
enum Quality {
    LOW(0.5, ImmutableList.of("low")),
    MEDIUM(1, ImmutableList.of("auto", "medium", "standard")),
    HIGH(1.5, ImmutableList.of("high", "hd"));

    /** What requests call them. */
    static final List<String> WORDS = List.of("auto", "low", "medium", "high", "standard", "hd");

    private final double share;
    private final ImmutableList<String> words;

    Quality(double share, ImmutableList<String> words) {
        this.share = share;
        this.words = words;
    }

    /** The one that requests call so. */
    static Quality of(String word) {
        for (Quality quality : values()) {
            if (quality.words.contains(word)) {
                return quality;
            }
        }
        throw new IllegalArgumentException("quality is " + word + "; expected one of " + WORDS);
    }

    /** What answers call it. */
    String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Whether it takes other than the model's usual steps. */
    boolean isOther() {
        return this != MEDIUM;
    }

    /** How many steps it takes where so many are usual. */
    int steps(int usual) {
        return Math.max(1, (int) Math.round(usual * share));
    }
}
