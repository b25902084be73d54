package io.latent4j.core.engine;

import ai.djl.engine.Engine;
import ai.djl.pytorch.engine.PtEngineProvider;

/**
 * DJL's provider of PyTorch, which sets {@link EngineThreads} first and {@link EngineLog} after. DJL makes every provider that it finds when its engine
 * class loads, and libtorch loads later, when an engine is asked for: so this comes before libtorch on every way there is,
 * of an {@code NDManager} of the caller's own too. Whichever of the two providers DJL keeps under the name PyTorch, the
 * engine is the same.
 */
public final class PyTorchProvider extends PtEngineProvider {

    /** For the service loader. */
    public PyTorchProvider() {
        EngineThreads.set();
    }

    @Override
    public Engine getEngine() {
        EngineThreads.set();
        Engine engine = super.getEngine();
        EngineLog.set();
        return engine;
    }
}
