package io.latent4j.pipeline.model.zimage;

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
import io.latent4j.transformer.zimage.ZImageTransformer2DConfig;
import io.latent4j.transformer.zimage.ZImageTransformer2DModel;
import io.latent4j.vae.AutoencoderConfig;
import java.io.IOException;
import java.util.List;

/**
 * A transformer, and Qwen3 in front of it.
 *
 * @param qwen its tokenizer is closed with this
 * @param timesteps that the scheduler counts
 */
record ZImageParts(ZImageTransformer2DModel transformer, QwenReader qwen, int timesteps) implements TransformerParts {
    private static final int SIDE = 1024;
    private static final int STEPS = 30;
    private static final double GUIDANCE_SCALE = 5;
    private static final int FEW_STEPS = 8;
    private static final double SHIFT_OF_FEW_STEPS = 3; // the model that was not distilled is shifted further

    static ZImageParts read(ModelFiles files) throws IOException {
        ZImageTransformer2DModel transformer = new ZImageTransformer2DModel(
                ZImageTransformer2DConfig.from(files.json(TransformerFamily.TRANSFORMER + "/config.json")));
        int timesteps = files.json("scheduler/scheduler_config.json").integer("num_train_timesteps", 1000);
        QwenReader qwen = QwenReader.read(files, ZImageEncoding.TOKENS, ChatTemplate.ANSWER);
        int expected = transformer.config().captionChannels();
        if (qwen.encoder().config().width() != expected) {
            qwen.tokenizer().close();
            throw qwen.config()
                    .bad(
                            "hidden_size",
                            "is " + qwen.encoder().config().width() + "; expected " + expected
                                    + ", the transformer's cap_feat_dim");
        }
        return new ZImageParts(transformer, qwen, timesteps);
    }

    @Override
    public List<Encoder> texts() {
        return List.of(qwen.encoderPart());
    }

    @Override
    public TextEncoding encoding() {
        return new ZImageEncoding(qwen);
    }

    @Override
    public TransformerDenoiser denoiser(DataType type) {
        return new ZImageDenoiser(transformer, type, timesteps);
    }

    @Override
    public void checkLatents(AutoencoderConfig autoencoder, String place) {
        int channels = autoencoder.latentChannels();
        if (transformer.config().channels() != channels) {
            throw new IllegalArgumentException(place + "/transformer/config.json: in_channels is "
                    + transformer.config().channels() + "; expected " + channels + ", the VAE's latent_channels");
        }
    }

    /** Steps of one length, which the scheduler shifts. */
    @Override
    public SchedulerConfig scheduler(SchedulerConfig settings) {
        return settings.withDefault(SchedulerConfig.EQUAL_STEPS, true);
    }

    /** The published models differ in their scheduler's shift only: Turbo has 3, the other 6. */
    @Override
    public ModelDefaults defaults(Config index, SchedulerConfig scheduler, int downscale) {
        boolean turbo = scheduler.number("shift").orElse(SHIFT_OF_FEW_STEPS) <= SHIFT_OF_FEW_STEPS;
        return turbo
                ? ModelDefaults.of(index, SIDE, FEW_STEPS, 1)
                : ModelDefaults.of(index, SIDE, STEPS, GUIDANCE_SCALE);
    }

    @Override
    public void close() {
        qwen.tokenizer().close();
    }
}
