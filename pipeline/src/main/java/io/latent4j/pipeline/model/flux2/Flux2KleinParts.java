package io.latent4j.pipeline.model.flux2;

import ai.djl.ndarray.types.DataType;
import io.latent4j.core.config.Config;
import io.latent4j.pipeline.files.ModelFiles;
import io.latent4j.pipeline.model.ModelDefaults;
import io.latent4j.pipeline.model.transformer.QwenReader;
import io.latent4j.pipeline.model.transformer.TextEncoding;
import io.latent4j.pipeline.model.transformer.TransformerDenoiser;
import io.latent4j.pipeline.model.transformer.TransformerFamily;
import io.latent4j.pipeline.model.transformer.TransformerParts;
import io.latent4j.schedulers.config.SchedulerConfig;
import io.latent4j.textencoder.qwen.ChatTemplate;
import io.latent4j.textencoder.qwen.Qwen3Config;
import io.latent4j.transformer.flux2.Flux2Transformer2DConfig;
import io.latent4j.transformer.flux2.Flux2Transformer2DModel;
import io.latent4j.vae.AutoencoderConfig;
import java.io.IOException;
import java.util.Collections;
import java.util.List;

/**
 * A transformer, and Qwen3 in front of it.
 *
 * @param qwen its tokenizer is closed with this
 * @param timesteps that the scheduler counts
 */
record Flux2KleinParts(Flux2Transformer2DModel transformer, QwenReader qwen, int timesteps)
        implements TransformerParts {
    private static final int SIDE = 1024;
    private static final int STEPS = 50;
    private static final double GUIDANCE_SCALE = 4;
    private static final int FEW_STEPS = 4;

    static Flux2KleinParts read(ModelFiles files) throws IOException {
        Config config = files.json(TransformerFamily.TRANSFORMER + "/config.json");
        Flux2Transformer2DModel transformer = new Flux2Transformer2DModel(Flux2Transformer2DConfig.from(config));
        if (transformer.config().guidanceEmbeds()) {
            throw config.bad("guidance_embeds", "is true; expected false, as FLUX.2 klein has it");
        }
        int timesteps = files.json("scheduler/scheduler_config.json").integer("num_train_timesteps", 1000);
        QwenReader qwen = QwenReader.read(files, Flux2KleinEncoding.TOKENS, ChatTemplate.ANSWER_WITHOUT_THINKING);
        try {
            check(transformer.config(), config, qwen);
            return new Flux2KleinParts(transformer, qwen, timesteps);
        } catch (RuntimeException | Error e) {
            qwen.tokenizer().close();
            throw e;
        }
    }

    private static void check(Flux2Transformer2DConfig transformer, Config config, QwenReader qwen) {
        Qwen3Config encoder = qwen.encoder().config();
        int states = Flux2KleinEncoding.LAYERS.size() * encoder.width();
        if (transformer.contextChannels() != states) {
            throw config.bad(
                    "joint_attention_dim",
                    "is " + transformer.contextChannels() + "; expected " + states + ", "
                            + Flux2KleinEncoding.LAYERS.size() + " times the text encoder's hidden_size");
        }
        int last = Collections.max(Flux2KleinEncoding.LAYERS);
        if (encoder.layers() < last) {
            throw qwen.config().bad("num_hidden_layers", "is " + encoder.layers() + "; expected at least " + last);
        }
    }

    @Override
    public List<Encoder> texts() {
        return List.of(qwen.encoderPart());
    }

    @Override
    public TextEncoding encoding() {
        return new Flux2KleinEncoding(qwen);
    }

    @Override
    public TransformerDenoiser denoiser(DataType type) {
        return new Flux2KleinDenoiser(transformer, type, timesteps);
    }

    @Override
    public void checkLatents(AutoencoderConfig autoencoder, String place) {
        int channels = autoencoder.latentChannels();
        Flux2Transformer2DConfig config = transformer.config();
        if (config.inChannels() != channels || config.outChannels() != channels) {
            throw new IllegalArgumentException(place + "/transformer/config.json: in_channels is "
                    + config.inChannels() + " and out_channels " + config.outChannels() + "; expected " + channels
                    + " of both, the VAE's latents in squares");
        }
    }

    /** Steps of one length, shifted by the size of the image and the number of steps. */
    @Override
    public SchedulerConfig scheduler(SchedulerConfig settings) {
        return settings.withDefault(SchedulerConfig.EQUAL_STEPS, true)
                .withDefault(SchedulerConfig.SHIFT_BY_STEPS, true);
    }

    @Override
    public ModelDefaults defaults(Config index, SchedulerConfig scheduler, int downscale) {
        return index.flag("is_distilled", false)
                ? ModelDefaults.of(index, SIDE, FEW_STEPS, 1)
                : ModelDefaults.of(index, SIDE, STEPS, GUIDANCE_SCALE);
    }

    @Override
    public void close() {
        qwen.tokenizer().close();
    }
}
