package io.latent4j.training.data;

import com.google.common.collect.ImmutableList;

/** A data set of captioned pictures, in an order that does not change. Any number of threads may use it at a time. */
public interface CaptionedPictures {

    /** How many examples there are. */
    int size();

    /**
     * One example.
     *
     * @param index 0 to {@code size() - 1}
     */
    CaptionedPicture example(int index);

    /** The data set of these examples, copied. */
    static CaptionedPictures of(Iterable<? extends CaptionedPicture> examples) {
        ImmutableList<CaptionedPicture> list = ImmutableList.copyOf(examples);
        return new CaptionedPictures() {
            @Override
            public int size() {
                return list.size();
            }

            @Override
            public CaptionedPicture example(int index) {
                return list.get(index);
            }

            @Override
            public String toString() {
                return list.size() + " pictures in memory";
            }
        };
    }
}
