package io.latent4j.pipeline.model.flux;

import ai.djl.ndarray.types.DataType;
import io.latent4j.core.config.Config;
import io.latent4j.lora.LoraPart;
import io.latent4j.pipeline.files.ModelFiles;
import io.latent4j.pipeline.model.ModelDefaults;
import io.latent4j.pipeline.model.transformer.ClipReader;
import io.latent4j.pipeline.model.transformer.T5Reader;
import io.latent4j.pipeline.model.transformer.TextEncoding;
import io.latent4j.pipeline.model.transformer.TransformerDenoiser;
import io.latent4j.pipeline.model.transformer.TransformerFamily;
import io.latent4j.pipeline.model.transformer.TransformerParts;
import io.latent4j.schedulers.config.SchedulerConfig;
import io.latent4j.transformer.flux.FluxTransformer2DConfig;
import io.latent4j.transformer.flux.FluxTransformer2DModel;
import io.latent4j.vae.AutoencoderConfig;
import java.io.IOException;
import java.util.List;

/**
 * A transformer, CLIP and T5.
 *
 * @param timesteps that the scheduler counts
 */
record FluxParts(FluxTransformer2DModel transformer, FluxEncoding encoder, int timesteps) implements TransformerParts {
    private static final int SIDE = 1024;
    private static final int STEPS = 28;
    private static final double GUIDANCE_SCALE = 3.5;
    private static final int TOKENS = 512;
    private static final int FEW_STEPS = 4;
    private static final int FEW_TOKENS = 256; // of the model that was distilled to few steps

    static FluxParts read(ModelFiles files) throws IOException {
        Config config = files.json(TransformerFamily.TRANSFORMER + "/config.json");
        FluxTransformer2DModel transformer = new FluxTransformer2DModel(FluxTransformer2DConfig.from(config));
        int tokens = transformer.config().guidanceEmbeds() ? TOKENS : FEW_TOKENS;
        int timesteps = files.json("scheduler/scheduler_config.json").integer("num_train_timesteps", 1000);
        ClipReader clip = ClipReader.read(files, "", LoraPart.TEXT_ENCODER);
        try {
            T5Reader t5 = T5Reader.read(files, "_2", LoraPart.TEXT_ENCODER_2, tokens);
            check(transformer.config(), config, clip, t5);
            return new FluxParts(transformer, new FluxEncoding(clip, t5, tokens), timesteps);
        } catch (IOException | RuntimeException | Error e) {
            clip.tokenizer().close();
            throw e;
        }
    }

    private static void check(FluxTransformer2DConfig transformer, Config config, ClipReader clip, T5Reader t5) {
        int states = t5.encoder().config().width();
        if (transformer.contextChannels() != states) {
            throw config.bad(
                    "joint_attention_dim",
                    "is " + transformer.contextChannels() + "; expected " + states + ", T5's d_model");
        }
        int pooled = clip.encoder().config().width();
        if (transformer.pooledChannels() != pooled) {
            throw config.bad(
                    "pooled_projection_dim",
                    "is " + transformer.pooledChannels() + "; expected " + pooled + ", CLIP's hidden_size");
        }
    }

    @Override
    public List<Encoder> texts() {
        return List.of(encoder.clip().encoderPart(), encoder.t5().encoderPart());
    }

    @Override
    public TextEncoding encoding() {
        return encoder;
    }

    @Override
    public TransformerDenoiser denoiser(DataType type) {
        return new FluxDenoiser(transformer, type, timesteps);
    }

    @Override
    public void checkLatents(AutoencoderConfig autoencoder, String place) {
        int channels = autoencoder.latentChannels() * FluxDenoiser.PATCH * FluxDenoiser.PATCH;
        FluxTransformer2DConfig config = transformer.config();
        if (config.inChannels() != channels || config.outChannels() != channels) {
            throw new IllegalArgumentException(place + "/transformer/config.json: in_channels is "
                    + config.inChannels() + " and out_channels " + config.outChannels() + "; expected " + channels
                    + " of both, squares of the VAE's latents; models that are given an image beside the latents, Fill,"
                    + " Canny and Depth, are not supported");
        }
    }

    /** Steps of one length, which the scheduler shifts. */
    @Override
    public SchedulerConfig scheduler(SchedulerConfig settings) {
        return settings.withDefault(SchedulerConfig.EQUAL_STEPS, true);
    }

    @Override
    public ModelDefaults defaults(Config index, SchedulerConfig scheduler, int downscale) {
        return transformer.config().guidanceEmbeds()
                ? ModelDefaults.of(index, SIDE, STEPS, GUIDANCE_SCALE)
                : ModelDefaults.of(index, SIDE, FEW_STEPS, 1);
    }

    @Override
    public void close() {
        encoder.clip().tokenizer().close();
        encoder.t5().tokenizer().close();
    }
}
