package io.latent4j.pipeline.toy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.latent4j.core.nn.Attention;
import io.latent4j.core.nn.NamedBlock;
import io.latent4j.core.nn.Pass;
import io.latent4j.pipeline.model.DenoiserInput;
import io.latent4j.pipeline.model.LatentDenoiser;
import io.latent4j.schedulers.NoiseLevel;
import io.latent4j.schedulers.config.SchedulerConfig;
import java.util.List;

/** The noise in latents whose clean image is known: the first three letters of the text are its colour. */
final class ToyDenoiser implements LatentDenoiser {
    private final SchedulerConfig scheduler;
    private final NamedBlock block = new Empty();

    ToyDenoiser(SchedulerConfig scheduler) {
        this.scheduler = scheduler;
    }

    /** A network without parameters. */
    private static final class Empty extends NamedBlock {}

    @Override
    public boolean inpaints() {
        return false;
    }

    @Override
    public boolean takesGuidance() {
        return false;
    }

    @Override
    public List<Attention> selfAttention(String place) {
        throw new IllegalArgumentException("there is no attention in a toy; expected no perturbed attention");
    }

    @Override
    public NamedBlock block() {
        return block;
    }

    /** {@code eps = (x - alpha x0) / sigma}. */
    @Override
    public NDArray predict(Pass pass, DenoiserInput input) {
        NDArray x = input.latents();
        NoiseLevel level = scheduler.noise().level((int) input.timesteps().toFloatArray()[0]);
        NDArray letters = input.conditioning().context(); // (N, 4)
        NDArray colour = letters.concat(letters.get(":, :1"), 1).mul(2).sub(1);
        NDArray x0 = colour.reshape(new Shape(x.getShape().get(0), ToyCodec.CHANNELS, 1, 1));
        return x.sub(x0.mul(level.alpha())).div(level.sigma());
    }
}
