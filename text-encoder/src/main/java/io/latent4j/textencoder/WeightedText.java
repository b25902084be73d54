package io.latent4j.textencoder;

import io.latent4j.core.config.Shown;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A text whose parts have weights, as AUTOMATIC1111's interface and others write them.
 *
 * <ul>
 *   <li>{@code (text)} has 1.1 times the weight of what is around it, {@code (text:1.3)} 1.3 times, {@code [text]} 1 / 1.1
 *       times; brackets may stand in each other, and then their factors multiply.
 *   <li>{@code \(}, {@code \)}, {@code \[}, {@code \]} and {@code \\} stand for the character after the backslash.
 *   <li>{@code BREAK}, in capitals and a word of its own, ends a section.
 *   <li>A bracket that is not closed counts to the end of the text. One that was not opened, a colon without a number and
 *       a closing bracket after it, and any other backslash stand for themselves.
 * </ul>
 *
 * @param sections what is between the {@code BREAK}s; at least one. After the last {@code BREAK} there may be nothing
 */
public record WeightedText(List<List<Span>> sections) {
    private static final double FACTOR = 1.1;
    private static final double MOST = 100;
    private static final Pattern PART = Pattern.compile(
            "\\\\(?<escaped>[()\\[\\]\\\\])|(?<bracket>[(\\[\\])])|:\\s*+(?<weight>[-+]?(?:\\d++\\.?+\\d*+|\\.\\d++))\\s*+\\)");
    private static final Pattern MARK = Pattern.compile("[()\\[\\]\\\\]|\\bBREAK\\b");
    private static final Pattern BREAK = Pattern.compile("\\bBREAK\\b");

    public WeightedText {
        sections = sections.stream().map(List::copyOf).toList();
    }

    /**
     * A part of a text.
     *
     * @param weight 1 is none
     */
    public record Span(String text, double weight) {
        /** @throws IllegalArgumentException if the weight is not from -100 to 100 */
        public Span {
            if (!(Math.abs(weight) <= MOST)) {
                throw new IllegalArgumentException("the weight of \"" + Shown.text(text) + "\" in the prompt is "
                        + weight + "; expected -100 to 100");
            }
        }
    }

    /** A text as it is written. */
    public static WeightedText plain(String text) {
        return new WeightedText(List.of(List.of(new Span(text, 1))));
    }

    /** Whether a text has anything that is not read as it is written, or that a {@link PromptSchedule} would find. */
    public static boolean isMarked(String text) {
        return MARK.matcher(text).find();
    }

    /**
     * Reads a text.
     *
     * @throws IllegalArgumentException if a weight is not from -100 to 100
     */
    public static WeightedText parse(String text) {
        return new Parser(text).parse();
    }

    /** Reads a text from its begin to its end. */
    private static final class Parser {
        private final String text;
        private final List<Piece> pieces = new ArrayList<>();
        private final Deque<Integer> round = new ArrayDeque<>(); // how many pieces there were where each was opened
        private final Deque<Integer> square = new ArrayDeque<>();

        Parser(String text) {
            this.text = text;
        }

        WeightedText parse() {
            Matcher matcher = PART.matcher(text);
            int from = 0;
            while (matcher.find()) {
                add(text.substring(from, matcher.start()));
                from = matcher.end();
                if (matcher.group("escaped") != null) {
                    addPiece(matcher.group("escaped"));
                } else if (matcher.group("bracket") != null) {
                    bracket(matcher.group("bracket"));
                } else if (round.isEmpty()) {
                    addPiece(matcher.group());
                } else {
                    multiply(round.pop(), Double.parseDouble(matcher.group("weight")));
                }
            }
            add(text.substring(from));
            round.forEach(start -> multiply(start, FACTOR));
            square.forEach(start -> multiply(start, 1 / FACTOR));
            return new WeightedText(sections());
        }

        private void add(String literal) {
            Matcher matcher = BREAK.matcher(literal);
            int from = 0;
            while (matcher.find()) {
                addPiece(part(literal, from, matcher.start()).stripTrailing());
                pieces.add(new Piece("", true));
                from = matcher.end();
            }
            addPiece(part(literal, from, literal.length()));
        }

        /** What is between two places, the first of which is the begin or after a {@code BREAK}. */
        private static String part(String literal, int from, int to) {
            String part = literal.substring(from, to);
            return from == 0 ? part : part.stripLeading();
        }

        private void addPiece(String letters) {
            if (!letters.isEmpty()) {
                pieces.add(new Piece(letters, false));
            }
        }

        private void bracket(String bracket) {
            Deque<Integer> open = bracket.equals("(") || bracket.equals(")") ? round : square;
            if (bracket.equals("(") || bracket.equals("[")) {
                open.push(pieces.size());
            } else if (open.isEmpty()) {
                addPiece(bracket);
            } else {
                multiply(open.pop(), open == round ? FACTOR : 1 / FACTOR);
            }
        }

        private void multiply(int start, double factor) {
            for (int i = start; i < pieces.size(); i++) {
                pieces.get(i).weight *= factor; // and no new piece: there may be thousands of brackets in each other
            }
        }

        /** The pieces between ends, those of one weight together. */
        private List<List<Span>> sections() {
            List<List<Span>> sections = new ArrayList<>(List.of(new ArrayList<>()));
            StringBuilder same = new StringBuilder();
            double weight = 1;
            for (Piece piece : pieces) {
                if (piece.ends || piece.weight != weight) {
                    close(sections, same, weight);
                }
                if (piece.ends) {
                    sections.add(new ArrayList<>());
                } else {
                    same.append(piece.text);
                    weight = piece.weight;
                }
            }
            close(sections, same, weight);
            return sections;
        }

        private static void close(List<List<Span>> sections, StringBuilder text, double weight) {
            if (!text.isEmpty()) {
                sections.get(sections.size() - 1).add(new Span(text.toString(), weight));
                text.setLength(0);
            }
        }
    }

    /** Some characters of one weight, or the end of a section. */
    private static final class Piece {
        private final String text;
        private final boolean ends;
        private double weight = 1;

        Piece(String text, boolean ends) {
            this.text = text;
            this.ends = ends;
        }
    }
}
