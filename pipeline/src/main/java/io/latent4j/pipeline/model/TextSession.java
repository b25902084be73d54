package io.latent4j.pipeline.model;

import io.latent4j.pipeline.request.MicroConditioning;
import java.util.List;
import java.util.Optional;

/** The texts of one run: encoders' weights are loaded when the first text needs them, and released by {@link #close}. */
public interface TextSession extends AutoCloseable {

    /**
     * The conditioning of one step.
     *
     * @param sides one text for each image: first the negative prompts, where guidance needs them, then the prompts
     * @param width of the images, in pixels
     * @param height of the images, in pixels
     * @param micro checked before by {@link TextConditioner#check}
     */
    Conditioning conditioning(List<List<String>> sides, int width, int height, Optional<MicroConditioning> micro);

    @Override
    void close();
}
