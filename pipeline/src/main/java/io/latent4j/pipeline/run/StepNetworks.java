package io.latent4j.pipeline.run;

import ai.djl.ndarray.NDArray;
import io.latent4j.schedulers.Denoiser;
import io.latent4j.schedulers.NoiseLevel;
import io.latent4j.schedulers.Prediction;
import java.util.List;

/** The networks of a run's steps, one for each, of which the one of the step that is being taken answers. */
public final class StepNetworks implements Denoiser {
    private final List<StepNetwork> networks;
    private int step;

    public StepNetworks(List<StepNetwork> networks) {
        this.networks = networks;
    }

    /** Hears how many steps are done. */
    public void done(int steps) {
        step = steps;
    }

    @Override
    public Prediction predict(NDArray latents, NoiseLevel at) {
        return networks.get(step).predict(latents, at);
    }
}
