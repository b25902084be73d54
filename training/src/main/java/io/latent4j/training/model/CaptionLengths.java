package io.latent4j.training.model;

import io.latent4j.core.config.Counted;
import io.latent4j.textencoder.LearnedWords;
import io.latent4j.textencoder.TextTokenizer;
import java.util.Optional;
import java.util.Set;

/** Counts captions that are longer than a text encoder reads. */
public final class CaptionLengths {
    private CaptionLengths() {}

    /** A note on captions that are cut, with the first; empty if all fit. */
    public static Optional<String> of(Set<String> captions, TextTokenizer tokenizer) {
        return of(captions, tokenizer, LearnedWords.none());
    }

    /** {@link #of(Set, TextTokenizer)} of captions in which learned words stand for tokens of their own. */
    public static Optional<String> of(Set<String> captions, TextTokenizer tokenizer, LearnedWords words) {
        int cut = 0;
        Optional<String> first = Optional.empty();
        for (String caption : captions) {
            Optional<String> lost = tokenizer.encode(caption, words).cut();
            if (lost.isPresent()) {
                cut++;
                first = first.isPresent() ? first : lost;
            }
        }
        int all = captions.size();
        int length = tokenizer.maxLength();
        int count = cut;
        return first.map(lost -> count + " of " + Counted.of(all, "caption") + (count == 1 ? " is" : " are")
                + " longer than " + Counted.of(length, "token") + " and cut there; the first loses \"" + lost + "\"");
    }
}
