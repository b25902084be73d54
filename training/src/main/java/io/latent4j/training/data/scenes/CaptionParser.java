package io.latent4j.training.data.scenes;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Reads one caption, from its first word to its last. */
final class CaptionParser {
    private final String caption;
    private final List<String> words;
    private int at;

    CaptionParser(String caption) {
        this.caption = caption;
        this.words = List.of(caption.strip().toLowerCase(Locale.ROOT).split("\\s+"));
    }

    Scene scene() {
        Thing first = thing();
        if (next("on")) {
            return Scene.of(first, background());
        }
        Relation relation = relation();
        Thing second = thing();
        expect("on");
        Background background = background();
        if (first.equals(second) || first.size().isPresent() || second.size().isPresent()) {
            throw new IllegalArgumentException("\"" + caption + "\": two figures, of which "
                    + (first.equals(second) ? "neither differs" : "a size is said")
                    + "; expected two that differ in colour or shape, without sizes");
        }
        return Scene.of(first, relation, second, background);
    }

    private Thing thing() {
        article();
        Optional<Size> size = word(Size.values(), Size::word);
        return new Thing(size, require(Colour.values(), Colour::word), require(Figure.values(), Figure::word));
    }

    private Background background() {
        article();
        Background background = require(Background.values(), Background::word);
        expect("background");
        if (at < words.size()) {
            throw bad("nothing more");
        }
        return background;
    }

    private Relation relation() {
        Relation relation = word(Relation.values(), r -> r.words().replace(" of", ""))
                .orElseThrow(() -> bad("on, " + list(Relation.values(), Relation::words)));
        if (!relation.isVertical()) {
            expect("of");
        }
        return relation;
    }

    private void article() {
        if (!next("a") && !next("an")) {
            throw bad("a");
        }
    }

    private void expect(String word) {
        if (!next(word)) {
            throw bad(word);
        }
    }

    private boolean next(String word) {
        boolean there = at < words.size() && words.get(at).equals(word);
        at += there ? 1 : 0;
        return there;
    }

    private <T> Optional<T> word(T[] values, Function<T, String> words) {
        return Stream.of(values).filter(value -> next(words.apply(value))).findFirst();
    }

    private <T> T require(T[] values, Function<T, String> words) {
        return word(values, words).orElseThrow(() -> bad(list(values, words)));
    }

    private static <T> String list(T[] values, Function<T, String> words) {
        return Stream.of(values).map(words).collect(Collectors.joining(", "));
    }

    private IllegalArgumentException bad(String expected) {
        String found = at < words.size() ? "\"" + words.get(at) + "\" as word " + (at + 1) : "its end";
        return new IllegalArgumentException("\"" + caption + "\": found " + found + "; expected " + expected);
    }
}
