package io.latent4j.unet;

import ai.djl.ndarray.NDArray;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * The inputs of one forward pass of a text-conditioned UNet, or of a control network for one.
 *
 * @param sample noisy latents, (N, inChannels, H, W), of the data type that the network computes in
 * @param timesteps one time a sample, (N), whole or not
 * @param context hidden states of the text, (N, tokens, crossAttentionDim)
 * @param added SDXL's conditions, present if and only if the config asks for them
 * @param control residuals of control networks, added to the UNet's own
 * @param guidanceScale of the whole batch, present if and only if the config has {@code time_cond_proj_dim}
 */
public record UNetInput(
        NDArray sample,
        NDArray timesteps,
        NDArray context,
        Optional<AddedConditions> added,
        Optional<ControlResiduals> control,
        OptionalDouble guidanceScale) {

    /** One time a sample, and nothing that is optional. */
    public static UNetInput of(NDArray sample, NDArray timesteps, NDArray context) {
        return new UNetInput(sample, timesteps, context, Optional.empty(), Optional.empty(), OptionalDouble.empty());
    }

    /**
     * One time for the whole batch, and nothing that is optional. The array of times belongs to the scope in which this is
     * called, or else to the manager of {@code sample}.
     */
    public static UNetInput of(NDArray sample, double timestep, NDArray context) {
        float[] times = new float[Math.toIntExact(sample.getShape().get(0))];
        Arrays.fill(times, (float) timestep);
        return of(sample, sample.getManager().create(times), context);
    }

    /** These inputs with SDXL's conditions. */
    public UNetInput withAdded(Optional<AddedConditions> added) {
        return new UNetInput(sample, timesteps, context, added, control, guidanceScale);
    }

    /** These inputs with residuals of control networks. */
    public UNetInput withControl(Optional<ControlResiduals> control) {
        return new UNetInput(sample, timesteps, context, added, control, guidanceScale);
    }

    /** These inputs with a guidance scale, for a model distilled from guided ones. */
    public UNetInput withGuidanceScale(OptionalDouble guidanceScale) {
        return new UNetInput(sample, timesteps, context, added, control, guidanceScale);
    }
}
