package io.latent4j.pipeline.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.latent4j.core.memory.Leases;
import io.latent4j.core.memory.Scopes;
import io.latent4j.core.nn.Pass;
import io.latent4j.core.ops.Ops;
import io.latent4j.core.weights.Checkpoint;
import io.latent4j.pipeline.files.ControlNetFiles;
import io.latent4j.pipeline.request.Tiling;
import io.latent4j.unet.ControlNetConfig;
import io.latent4j.unet.ControlNetModel;
import io.latent4j.unet.ControlResiduals;
import io.latent4j.unet.UNet2DConditionConfig;
import io.latent4j.unet.UNetInput;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;

/** A control network in memory until this is closed, which must be before the model that it was loaded for is. */
public final class ControlNet implements AutoCloseable {
    private final String name;
    private final NDManager manager;
    private final Components base;
    private final ControlNetModel model;
    private final Leases leases;

    private ControlNet(String name, NDManager manager, Components base, ControlNetModel model) {
        this.name = name;
        this.manager = manager;
        this.base = base;
        this.model = model;
        this.leases = new Leases("the control network " + name);
    }

    static ControlNet load(String name, ControlNetFiles files, Components base) throws IOException {
        NDManager manager = base.manager().newSubManager();
        try {
            ControlNetConfig config = files.config(base.unet().config());
            ControlNetModel model = new ControlNetModel(config);
            checkFit(files.location(), model, base);
            try (Checkpoint weights = files.weights(config)) {
                Scopes.outliving(manager, () -> {
                    model.load(weights, manager, base.precision(), Optional::of);
                    return model;
                });
            }
            return new ControlNet(name, manager, base, model);
        } catch (IOException | RuntimeException | Error e) {
            manager.close();
            throw e;
        }
    }

    private static void checkFit(Path folder, ControlNetModel model, Components base) {
        UNet2DConditionConfig half = model.config().contraction();
        UNet2DConditionConfig unet = base.unet().config();
        LatentCodec codec = base.codec(Tiling.AUTO);
        boolean fits = half.inChannels() == codec.latentChannels()
                && model.config().steers(unet)
                && model.config().downscale() == codec.pixelsPerLatent();
        if (!fits) {
            throw new IllegalArgumentException(folder + ": is a control network for another kind of model than "
                    + base.name() + " (block_out_channels " + half.blockOutChannels() + " and cross_attention_dim "
                    + half.crossAttentionDim() + ", where the UNet has " + unet.blockOutChannels() + " and "
                    + unet.crossAttentionDim() + "); expected one trained for it");
        }
    }

    /** What to call it: its folder's or file's name. */
    public String name() {
        return name;
    }

    /** The network. */
    public ControlNetModel model() {
        return model;
    }

    /** Whether it was loaded for {@code other}. */
    public boolean isFor(Model other) {
        return base.unet() == other.denoiser().block();
    }

    /**
     * What control images become before the first step; it is the same for all steps.
     *
     * @param images (N, 3, H, W) in [0, 1]
     */
    public NDArray hint(NDArray images) {
        return model.hint(Pass.inference(), Ops.cast(images, base.precision().compute()));
    }

    /**
     * The residuals for the model's UNet at one time for the whole batch.
     *
     * @param latents noisy, (N, C, h, w)
     * @param hint the result of {@link #hint}
     * @param finest how many of the UNet's parts are computed, from the finest, where it is not the whole UNet
     */
    public ControlResiduals residuals(
            NDArray latents, double timestep, Conditioning conditioning, NDArray hint, OptionalInt finest) {
        DenoiserInput input = DenoiserInput.of(latents, timestep, conditioning);
        UNetInput seen = base.denoiser().unetInput(latents, input.timesteps(), conditioning);
        return finest.isPresent()
                ? model.shallow(Pass.inference(), seen, hint, finest.getAsInt())
                : model.forward(Pass.inference(), seen, hint);
    }

    /**
     * Keeps the weights until the result is closed; pipelines do so for each run.
     *
     * @throws io.latent4j.core.memory.ResourceClosedException if this is closed
     */
    public Leases.Lease lease() {
        return leases.lease();
    }

    /** Ends the runs that use this at their next step, waits for them, and frees the weights. */
    @Override
    public void close() {
        leases.close(manager::close);
    }
}
