package io.latent4j.pipeline.model;

import ai.djl.ndarray.NDArray;
import com.google.common.collect.ImmutableMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * The inputs of a denoiser besides latents and time: one row for each image, after one for each image's negative prompt
 * where guidance needs it. What the arrays mean is between a family's {@link TextConditioner} and its
 * {@link LatentDenoiser}.
 *
 * @param context hidden states of the texts, (N, tokens, channels) as a rule
 * @param more further arrays by name, each with N rows: pooled texts, sizes, masks
 */
public record Conditioning(NDArray context, Map<String, NDArray> more) {
    /** The name of pooled texts, (N, channels). */
    public static final String POOLED = "pooled";

    public Conditioning {
        more = ImmutableMap.copyOf(more);
    }

    /** Hidden states alone. */
    public static Conditioning of(NDArray context) {
        return new Conditioning(context, Map.of());
    }

    /** This with one more array, or with another one under that name. */
    public Conditioning with(String name, NDArray array) {
        Map<String, NDArray> all = new LinkedHashMap<>(more);
        all.put(name, array);
        return new Conditioning(context, all);
    }

    /** The array of that name, if there is one. */
    public Optional<NDArray> get(String name) {
        return Optional.ofNullable(more.get(name));
    }

    /** This with each array replaced. */
    public Conditioning mapped(UnaryOperator<NDArray> change) {
        Map<String, NDArray> all = new LinkedHashMap<>();
        more.forEach((name, array) -> all.put(name, change.apply(array)));
        return new Conditioning(change.apply(context), all);
    }

    /** The prompts' rows alone, which follow as many of negative prompts. */
    public Conditioning positive() {
        return mapped(array -> array.split(2).get(1));
    }

    /** This, followed by the last {@code images} rows once more. */
    public Conditioning withLastTwice(long images) {
        return mapped(array -> lastTwice(array, images));
    }

    /** {@code x} followed by its last {@code images} rows once more. */
    public static NDArray lastTwice(NDArray x, long images) {
        long rows = x.getShape().get(0);
        return rows == images
                ? x.concat(x)
                : x.concat(x.split(new long[] {rows - images}).get(1));
    }
}
