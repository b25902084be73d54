package io.latent4j.training.batches;

import io.latent4j.training.config.RunFile;
import io.latent4j.training.data.CaptionedImages;
import io.latent4j.training.data.Tags;

/** The keys of a {@code data} section that say what is done to captions. */
final class TagsFile {
    private TagsFile() {}

    /**
     * Reads them, each with its default.
     *
     * @throws IllegalArgumentException if one would do nothing to the captions of {@code images}
     */
    static Tags read(RunFile data, CaptionedImages images) {
        String prefix = data.text("prefix").orElse("").strip();
        boolean shuffle = data.flag("shuffle_tags", false);
        int keep = data.integer("keep_tags", 0, 0);
        double dropout = data.real("tag_dropout", 0);
        if (!(dropout >= 0 && dropout < 1)) {
            throw data.bad("tag_dropout", dropout, "0 to below 1");
        }
        if (keep > 0 && !shuffle && dropout == 0) {
            throw data.bad("keep_tags", keep, "0, as neither shuffle_tags nor tag_dropout is set");
        }
        int fewest = shuffle ? keep + 2 : Math.max(2, keep + 1); // of a caption that changes
        if ((shuffle || dropout > 0) && most(images) < fewest) {
            String none = "as no caption has " + fewest + " or more tags, with commas between";
            throw shuffle
                    ? data.bad("shuffle_tags", true, "false, " + none)
                    : data.bad("tag_dropout", dropout, "0, " + none);
        }
        return new Tags(prefix, shuffle, keep, dropout);
    }

    /** The most tags that a caption has. */
    private static int most(CaptionedImages images) {
        int most = 0;
        for (int i = 0; i < images.size(); i++) {
            for (String caption : images.example(i).captions()) {
                most = Math.max(most, Tags.of(caption).size());
            }
        }
        return most;
    }
}
