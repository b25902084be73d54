package io.latent4j.transformer.zimage;

import ai.djl.ndarray.NDArray;
import java.util.Arrays;
import java.util.List;

/**
 * The inputs of one forward pass.
 *
 * @param sample noisy latents, (N, channels, H, W), of the data type that the network computes in
 * @param timesteps one time a sample, (N): the data's share, from 0 for noise alone to 1
 * @param captions hidden states of each sample's caption, (words, captionChannels), without padding
 */
public record ZImageInput(NDArray sample, NDArray timesteps, List<NDArray> captions) {

    /** @throws IllegalArgumentException if there are not as many captions as samples, or one is empty */
    public ZImageInput {
        captions = List.copyOf(captions);
        long samples = sample.getShape().get(0);
        if (captions.size() != samples) {
            throw new IllegalArgumentException(
                    "there are " + captions.size() + " captions and " + samples + " samples; expected one each");
        }
        if (captions.stream().anyMatch(caption -> caption.getShape().get(0) == 0)) {
            throw new IllegalArgumentException("a caption has no words; expected hidden states of one at least");
        }
    }

    /**
     * One time for the whole batch. The array of times belongs to the scope in which this is called, or else to the manager
     * of {@code sample}.
     */
    public static ZImageInput of(NDArray sample, double timestep, List<NDArray> captions) {
        float[] times = new float[Math.toIntExact(sample.getShape().get(0))];
        Arrays.fill(times, (float) timestep);
        return new ZImageInput(sample, sample.getManager().create(times), captions);
    }
}
