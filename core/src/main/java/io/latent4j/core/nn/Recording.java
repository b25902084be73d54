package io.latent4j.core.nn;

import ai.djl.engine.Engine;
import ai.djl.pytorch.jni.JniUtils;

/** Whether operators of this thread are recorded for a gradient. */
public final class Recording {
    private Recording() {}

    /**
     * Ends recording on this thread outside of a {@link ai.djl.training.GradientCollector}. DJL does so for the thread that
     * loads the engine alone; libtorch begins every other by recording, which keeps what a validation computes.
     */
    public static void off() {
        Engine.getEngine("PyTorch"); // loads the native library
        JniUtils.setGradMode(false);
    }
}
