package io.latent4j.server.comfy;

import java.math.BigInteger;
import java.util.List;

/** What an input takes: a link from another node, or a value in its place. */
sealed interface Kind {
    /** A link from an output of this type. */
    record Link(String type) implements Kind {}

    /** A whole number. */
    record Whole(BigInteger least, BigInteger most, long standard) implements Kind {
        Whole(long least, long most, long standard) {
            this(BigInteger.valueOf(least), BigInteger.valueOf(most), standard);
        }
    }

    /** A number. */
    record Real(double least, double most, double standard, double step) implements Kind {}

    /** A text. */
    record Text(String standard, boolean multiline) implements Kind {}

    /**
     * One of several texts.
     *
     * @param taking which others are taken
     */
    record Choice(List<String> of, Taking taking) implements Kind {
        /** What is taken beside the texts that are offered. */
        enum Taking {
            /** Nothing. */
            EXACT,
            /** The same with the ending of a file. */
            FILES,
            /** Anything. */
            ALL
        }

        public Choice {
            of = List.copyOf(of);
        }

        Choice(List<String> of) {
            this(of, Taking.EXACT);
        }

        boolean takes(String text) {
            return switch (taking) {
                case EXACT -> of.contains(text);
                case FILES ->
                    of.contains(text) || of.contains(text.replaceFirst("\\.(safetensors|ckpt|pt|pth|bin)$", ""));
                case ALL -> true;
            };
        }
    }
}
