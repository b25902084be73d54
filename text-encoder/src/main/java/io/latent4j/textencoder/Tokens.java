package io.latent4j.textencoder;

import com.google.common.primitives.Longs;
import java.util.List;
import java.util.Optional;

/**
 * One text as a model reads it.
 *
 * @param ids begin token, the text's tokens as far as they fit, end token, and padding up to the tokenizer's length
 * @param count how many tokens the whole text has, without begin, end and padding, also where not all of them fit
 * @param cut the end of the text that did not fit, as it was written, from the first character of the first token that is
 *     not among the ids; empty where all of the text fits
 */
public record Tokens(List<Long> ids, int count, Optional<String> cut) {

    public Tokens {
        ids = List.copyOf(ids);
    }

    /** The ids in a new array. */
    public long[] toArray() {
        return Longs.toArray(ids);
    }
}
