package io.latent4j.training.data;

import com.google.common.collect.ImmutableList;
import io.latent4j.core.config.Counted;
import java.util.Objects;

/** A data set of captioned images, in an order that does not change. Any number of threads may use it at a time. */
public interface CaptionedImages {

    /** How many examples there are. */
    int size();

    /**
     * One example.
     *
     * @param index 0 to {@code size() - 1}
     */
    CaptionedImage example(int index);

    /** Examples {@code from} to {@code to - 1} as a data set of their own. */
    default CaptionedImages part(int from, int to) {
        Objects.checkFromToIndex(from, to, size());
        CaptionedImages whole = this;
        return new CaptionedImages() {
            @Override
            public int size() {
                return to - from;
            }

            @Override
            public CaptionedImage example(int index) {
                return whole.example(from + Objects.checkIndex(index, size()));
            }

            @Override
            public String toString() {
                return size() + " of " + whole;
            }
        };
    }

    /** The data set of these examples, copied. */
    static CaptionedImages of(Iterable<? extends CaptionedImage> examples) {
        ImmutableList<CaptionedImage> list = ImmutableList.copyOf(examples);
        return new CaptionedImages() {
            @Override
            public int size() {
                return list.size();
            }

            @Override
            public CaptionedImage example(int index) {
                return list.get(index);
            }

            @Override
            public String toString() {
                return Counted.of(list.size(), "image") + " in memory";
            }
        };
    }
}
