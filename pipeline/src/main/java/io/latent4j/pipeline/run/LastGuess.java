package io.latent4j.pipeline.run;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDScope;
import io.latent4j.schedulers.Denoiser;
import io.latent4j.schedulers.NoiseLevel;
import io.latent4j.schedulers.Prediction;

/** A denoiser that keeps the last clean latents it predicted, for previews. */
final class LastGuess implements Denoiser, AutoCloseable {
    private final Denoiser model;
    private NDArray x0;

    LastGuess(Denoiser model) {
        this.model = model;
    }

    @Override
    public Prediction predict(NDArray latents, NoiseLevel at) {
        close(); // of an earlier evaluation in the same step
        Prediction prediction = model.predict(latents, at);
        x0 = prediction.x0().duplicate();
        NDScope.unregister(x0);
        return prediction;
    }

    NDArray x0() {
        return x0;
    }

    @Override
    public void close() {
        if (x0 != null) {
            x0.close();
            x0 = null;
        }
    }
}
