package io.latent4j.textencoder;

import ai.djl.ndarray.NDArray;
import com.google.common.primitives.Floats;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * Texts as a text encoder reads them.
 *
 * @param ids (B, N), int64; those from the vocabulary's size on are the rows of {@link #learned}
 * @param lengths how many ids of each text are no padding, which stands at the end
 * @param words that the ids were made with
 */
public record TokenBatch(NDArray ids, List<Integer> lengths, LearnedWords words) {

    public TokenBatch {
        lengths = List.copyOf(lengths);
    }

    /** Ids without padding that is to be masked, and without learned words. */
    public static TokenBatch of(NDArray ids) {
        int texts = Math.toIntExact(ids.getShape().get(0));
        int tokens = Math.toIntExact(ids.getShape().get(1));
        return new TokenBatch(ids, Collections.nCopies(texts, tokens), LearnedWords.none());
    }

    /** 1 for an id and 0 for padding, (B, N), float32; of the open scope, or else of the manager of the ids. */
    public NDArray mask() {
        int tokens = Math.toIntExact(ids.getShape().get(1));
        List<Float> mask = new ArrayList<>();
        for (int length : lengths) {
            mask.addAll(Collections.nCopies(length, 1f));
            mask.addAll(Collections.nCopies(tokens - length, 0f));
        }
        return ids.getManager().create(Floats.toArray(mask), ids.getShape());
    }

    /** The vectors of the learned words, (count, width), if there are words; gradients reach them. */
    public Optional<NDArray> learned() {
        return words.vectors();
    }
}
