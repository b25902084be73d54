package io.latent4j.training.diffusion;

/**
 * The loss of a diffusion model, and the timesteps it is trained at.
 *
 * @param first the least noisy timestep to train at
 * @param count how many timesteps there are to train at, from there on
 * @param noiseOffset how much of a constant a channel is mixed into the noise, 0 to 1; lets a model learn very dark and very
 *     bright images
 */
public record DiffusionSettings(DiffusionLoss loss, Timesteps timesteps, int first, int count, double noiseOffset) {

    public DiffusionSettings {
        if (!(noiseOffset >= 0 && noiseOffset <= 1)) {
            throw new IllegalArgumentException("noise_offset is " + noiseOffset + "; expected 0 to 1");
        }
    }

    /** At all timesteps. */
    public DiffusionSettings(DiffusionLoss loss, Timesteps timesteps, double noiseOffset) {
        this(loss, timesteps, 0, loss.process().noise().timesteps(), noiseOffset);
    }

    /** The timestep in the middle of part {@code part} of {@code parts} equal ones. */
    int middle(int part, int parts) {
        return first + (int) ((part + 0.5) / parts * count);
    }
}
