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
     * @param closed whether no other text is taken
     */
    record Choice(List<String> of, boolean closed) implements Kind {
        public Choice {
            of = List.copyOf(of);
        }

        Choice(List<String> of) {
            this(of, true);
        }
    }
}
