package io.latent4j.training.data;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.base.Joiner;
import com.google.common.base.Splitter;
import java.util.ArrayList;
import java.util.List;

/**
 * What is done to a caption each time it is said. A caption may be a list of tags, words with commas between.
 *
 * @param prefix put before each caption, with a space between; stays in place
 * @param shuffle whether tags come in another order each time
 * @param keep how many of the first tags stay in place and are said always
 * @param dropout how often a tag is left out, 0 to below 1
 */
public record Tags(String prefix, boolean shuffle, int keep, double dropout) {
    /** Captions stay as they are. */
    public static final Tags AS_THEY_ARE = new Tags("", false, 0, 0);

    private static final String COMMA = ", ";

    public Tags {
        checkArgument(keep >= 0, "keep is %s; expected 0 or more", keep);
        checkArgument(dropout >= 0 && dropout < 1, "tag dropout is %s; expected 0 to below 1", dropout);
        checkArgument(
                keep == 0 || shuffle || dropout > 0, "keep is %s; expected 0, as tags neither move nor drop out", keep);
    }

    /** Whether a caption may be said in several ways. */
    public boolean vary() {
        return shuffle || dropout > 0;
    }

    /** This, but tags neither move nor drop out. */
    public Tags still() {
        return new Tags(prefix, false, 0, 0);
    }

    /** The tags of a caption, in order; commas between nothing count for nothing. */
    public static List<String> of(String caption) {
        return Splitter.on(',').trimResults().omitEmptyStrings().splitToList(caption);
    }

    /** A caption with all its tags. */
    public String whole(String caption) {
        return prefix.isEmpty() || caption.isEmpty() ? prefix + caption : prefix + " " + caption;
    }

    /** A caption as it is said this time. */
    String said(String caption, Draws draws) {
        return whole(vary() ? Joiner.on(COMMA).join(drawn(of(caption), draws)) : caption);
    }

    /** Draws the same numbers for the same caption, whichever of the two is asked for. */
    private List<String> drawn(List<String> tags, Draws draws) {
        int kept = Math.min(keep, tags.size());
        List<String> said = new ArrayList<>(tags.subList(0, kept));
        List<String> rest = tags.subList(kept, tags.size());
        int[] order = draws.order(rest.size());
        for (int i = 0; i < rest.size(); i++) {
            if (draws.uniform() >= dropout) {
                said.add(rest.get(shuffle ? order[i] : i));
            }
        }
        return said;
    }
}
