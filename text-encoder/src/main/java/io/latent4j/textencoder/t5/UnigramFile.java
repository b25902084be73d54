package io.latent4j.textencoder.t5;

import io.latent4j.core.config.Counted;
import io.latent4j.core.config.NetworkBounds;
import io.latent4j.core.config.Shown;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A SentencePiece model of unigrams, as a file holds it.
 *
 * @param pieces by id
 * @param scores logarithms of their probabilities
 * @param matched whether a piece is looked for in texts; special ones are not
 * @param unknown the id of what no piece covers
 * @param charsmap how text is normalized
 */
record UnigramFile(List<String> pieces, List<Float> scores, List<Boolean> matched, int unknown, Charsmap charsmap) {
    private static final int LONGEST = 256; // chars of a piece; SentencePiece trains up to 16

    UnigramFile {
        pieces = List.copyOf(pieces);
        scores = List.copyOf(scores);
        matched = List.copyOf(matched);
    }

    /** Gathers pieces in the order of their ids. */
    static final class Builder {
        private final Path file;
        private final List<String> pieces = new ArrayList<>();
        private final List<Float> scores = new ArrayList<>();
        private final List<Boolean> matched = new ArrayList<>();
        private final Set<String> seen = new HashSet<>();

        Builder(Path file) {
            this.file = file;
        }

        void add(String piece, float score, boolean match) throws IOException {
            String place = file + ": piece " + pieces.size() + ", \"" + Shown.text(piece) + "\",";
            if (piece.isEmpty() || piece.length() > LONGEST) {
                throw new IOException(
                        place + " has " + Counted.of(piece.length(), "letter") + "; expected 1 to " + LONGEST);
            }
            if (!Float.isFinite(score)) {
                throw new IOException(place + " has the score " + score + "; expected a finite number");
            }
            if (!seen.add(piece)) {
                throw new IOException(place + " is there twice; expected each once");
            }
            if (!NetworkBounds.VOCABULARY.contain(pieces.size() + 1)) {
                throw new IOException(
                        file + ": has more pieces than a vocabulary may; expected " + NetworkBounds.VOCABULARY);
            }
            pieces.add(piece);
            scores.add(score);
            matched.add(match);
        }

        UnigramFile done(int unknown, Charsmap charsmap) throws IOException {
            if (unknown < 0 || unknown >= pieces.size()) {
                throw new IOException(file + ": has " + Counted.of(pieces.size(), "piece")
                        + ", and none with the id of what is unknown, " + unknown);
            }
            matched.set(unknown, false);
            return new UnigramFile(pieces, scores, matched, unknown, charsmap);
        }
    }
}
