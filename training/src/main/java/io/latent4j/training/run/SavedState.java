package io.latent4j.training.run;

import com.google.gson.JsonObject;
import io.latent4j.core.config.Config;
import io.latent4j.training.metrics.MetricsWindow;
import io.latent4j.training.optimizer.LossScale;

/** What a checkpoint holds of a run beside its arrays. */
record SavedState(LossScale scale, MetricsWindow window) {

    /** @throws IllegalArgumentException if a value is damaged */
    static SavedState read(Config state) {
        return new SavedState(LossScale.read(state), MetricsWindow.read(state));
    }

    /** @param scaled whether the scale counts */
    JsonObject json(boolean scaled) {
        JsonObject state = new JsonObject();
        if (scaled) {
            scale.write(state);
        }
        window.write(state);
        return state;
    }
}
