package io.latent4j.pipeline.model;

import ai.djl.ndarray.NDArray;
import io.latent4j.unet.ControlResiduals;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * The inputs of one forward pass of a denoiser.
 *
 * @param latents noisy, (N, C, h, w)
 * @param timesteps one time a sample, (N)
 * @param conditioning with N rows, made by the {@link TextConditioner} of the same model
 * @param channels a mask and the latents of the masked image, (N, 1 + C, h, w), for a model that inpaints
 * @param control residuals of control networks
 * @param guidanceScale for a model that takes it
 * @param references latents of images that the texts speak of, each (1, C, h, w) of a size of its own
 */
public record DenoiserInput(
        NDArray latents,
        NDArray timesteps,
        Conditioning conditioning,
        Optional<NDArray> channels,
        Optional<ControlResiduals> control,
        OptionalDouble guidanceScale,
        List<NDArray> references) {

    public DenoiserInput {
        references = List.copyOf(references);
    }

    /** One time a sample, and nothing that is optional. */
    public static DenoiserInput of(NDArray latents, NDArray timesteps, Conditioning conditioning) {
        return new DenoiserInput(
                latents,
                timesteps,
                conditioning,
                Optional.empty(),
                Optional.empty(),
                OptionalDouble.empty(),
                List.of());
    }

    /** One time for all samples; its array belongs to the open scope, or else to the manager of {@code latents}. */
    public static DenoiserInput of(NDArray latents, double timestep, Conditioning conditioning) {
        float[] times = new float[Math.toIntExact(latents.getShape().get(0))];
        Arrays.fill(times, (float) timestep);
        return of(latents, latents.getManager().create(times), conditioning);
    }

    /** These inputs with a mask and the latents of the masked image. */
    public DenoiserInput withChannels(Optional<NDArray> channels) {
        return new DenoiserInput(latents, timesteps, conditioning, channels, control, guidanceScale, references);
    }

    /** These inputs with residuals of control networks. */
    public DenoiserInput withControl(Optional<ControlResiduals> control) {
        return new DenoiserInput(latents, timesteps, conditioning, channels, control, guidanceScale, references);
    }

    /** These inputs with a guidance scale. */
    public DenoiserInput withGuidanceScale(OptionalDouble guidanceScale) {
        return new DenoiserInput(latents, timesteps, conditioning, channels, control, guidanceScale, references);
    }

    /** These inputs with reference images. */
    public DenoiserInput withReferences(List<NDArray> references) {
        return new DenoiserInput(latents, timesteps, conditioning, channels, control, guidanceScale, references);
    }
}
