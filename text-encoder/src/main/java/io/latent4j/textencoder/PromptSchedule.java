package io.latent4j.textencoder;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A prompt that says different things in the course of a run, as AUTOMATIC1111's interface and others write it.
 *
 * <ul>
 *   <li>{@code [from:to:when]} is {@code from} and then {@code to}; {@code [to:when]} is nothing and then {@code to};
 *       {@code [from::when]} is {@code from} and then nothing.
 *   <li>{@code when} tells how much of the run comes first: a number with a decimal point up to 1 is a part of the steps,
 *       rounded down, any other a number of steps. {@code 0.4} of 25 steps is 10, and so is {@code 10}.
 *   <li>{@code [one|other|third]} is another at each step, over and over.
 *   <li>All of them may stand in each other. A bracket that is none of them, is not closed, or has round brackets in it
 *       that are not, stands as it is written, and so does one after a backslash: {@link WeightedText} reads it later.
 * </ul>
 */
public final class PromptSchedule {
    private static final Pattern WHEN = Pattern.compile("\\s*+(\\d++\\.?+\\d*+|\\.\\d++)\\s*+");
    private static final int DEEPEST = 100;
    private static final int NONE = -1;

    private final List<Part> parts;

    private PromptSchedule(List<Part> parts) {
        this.parts = parts;
    }

    /** Reads a prompt; in the plain syntax it says the same all the time. */
    public static PromptSchedule of(String prompt, PromptSyntax syntax) {
        return new PromptSchedule(
                syntax == PromptSyntax.PLAIN
                        ? List.of(new Literal(prompt))
                        : new Parser(prompt).parse(0, prompt.length(), 0));
    }

    /** What the prompt says at a step, counted from 0, of {@code steps}. */
    public String at(int step, int steps) {
        StringBuilder text = new StringBuilder();
        parts.forEach(part -> part.write(text, step, steps));
        return text.toString();
    }

    private sealed interface Part {
        void write(StringBuilder text, int step, int steps);
    }

    private record Literal(String letters) implements Part {
        @Override
        public void write(StringBuilder text, int step, int steps) {
            text.append(letters);
        }
    }

    private record Change(List<Part> from, List<Part> to, When when) implements Part {
        @Override
        public void write(StringBuilder text, int step, int steps) {
            (step < when.of(steps) ? from : to).forEach(part -> part.write(text, step, steps));
        }
    }

    private record Alternation(List<List<Part>> choices) implements Part {
        @Override
        public void write(StringBuilder text, int step, int steps) {
            choices.get(step % choices.size()).forEach(part -> part.write(text, step, steps));
        }
    }

    /** How many steps come before a change, as a number or as a part of all. */
    private record When(double value, boolean part) {
        private static final double SLACK = 1e-9; // 0.29 of 100 is 29

        static Optional<When> parse(String text) {
            Matcher matcher = WHEN.matcher(text);
            if (!matcher.matches()) {
                return Optional.empty();
            }
            double value = Double.parseDouble(matcher.group(1));
            return Optional.of(new When(value, matcher.group(1).contains(".") && value <= 1));
        }

        double of(int steps) {
            return Math.floor(part ? value * steps + SLACK : value);
        }
    }

    private static final class Parser {
        private final String text;
        private final int[] closing; // of a square bracket, the place of the one that closes it

        Parser(String text) {
            this.text = text;
            this.closing = new int[text.length()];
            Arrays.fill(closing, NONE);
            Deque<Integer> open = new ArrayDeque<>();
            for (int at = 0; at < text.length(); at++) {
                switch (text.charAt(at)) {
                    case '\\' -> at++;
                    case '[' -> open.push(at);
                    case ']' -> {
                        if (!open.isEmpty()) {
                            closing[open.pop()] = at;
                        }
                    }
                    default -> {}
                }
            }
        }

        List<Part> parse(int from, int to, int depth) {
            List<Part> parts = new ArrayList<>();
            int written = from;
            for (int at = from; at < to; at++) {
                if (text.charAt(at) == '\\') {
                    at++;
                } else if (closing[at] != NONE) {
                    Optional<Part> part = bracket(at + 1, closing[at], depth + 1);
                    if (part.isPresent()) {
                        parts.add(new Literal(text.substring(written, at)));
                        parts.add(part.get());
                        at = closing[at];
                        written = at + 1;
                    }
                }
            }
            parts.add(new Literal(text.substring(written, to)));
            return parts;
        }

        /** What a pair of square brackets says, if it is a change or an alternation. */
        private Optional<Part> bracket(int from, int to, int depth) {
            List<Integer> colons = new ArrayList<>();
            List<Integer> bars = new ArrayList<>();
            if (depth > DEEPEST || !separators(from, to, colons, bars)) {
                return Optional.empty();
            }
            if (colons.size() == 1 || colons.size() == 2) {
                int last = colons.get(colons.size() - 1);
                return When.parse(text.substring(last + 1, to)).map(when -> {
                    List<Part> before = colons.size() == 1 ? List.of() : parse(from, colons.get(0), depth);
                    int second = colons.size() == 1 ? from : colons.get(0) + 1;
                    return new Change(before, parse(second, last, depth), when);
                });
            }
            if (bars.isEmpty() || !colons.isEmpty()) {
                return Optional.empty();
            }
            List<List<Part>> choices = new ArrayList<>();
            int start = from;
            bars.add(to);
            for (int bar : bars) {
                choices.add(parse(start, bar, depth));
                start = bar + 1;
            }
            return Optional.of(new Alternation(choices));
        }

        /** Finds colons and bars that are in no other brackets; answers whether all round brackets are closed. */
        private boolean separators(int from, int to, List<Integer> colons, List<Integer> bars) {
            int open = 0;
            for (int at = from; at < to && open >= 0; at++) {
                char letter = text.charAt(at);
                if (letter == '\\') {
                    at++;
                } else if (closing[at] != NONE) {
                    at = closing[at];
                } else if (letter == '(') {
                    open++;
                } else if (letter == ')') {
                    open--;
                } else if (letter == ':' && open == 0) {
                    colons.add(at);
                } else if (letter == '|' && open == 0) {
                    bars.add(at);
                }
            }
            return open == 0;
        }
    }
}
