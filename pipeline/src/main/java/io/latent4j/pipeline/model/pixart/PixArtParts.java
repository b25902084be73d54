package io.latent4j.pipeline.model.pixart;

import ai.djl.ndarray.types.DataType;
import io.latent4j.core.config.Config;
import io.latent4j.lora.LoraPart;
import io.latent4j.pipeline.files.ModelFiles;
import io.latent4j.pipeline.model.ModelDefaults;
import io.latent4j.pipeline.model.transformer.TextEncoding;
import io.latent4j.pipeline.model.transformer.TransformerDenoiser;
import io.latent4j.pipeline.model.transformer.TransformerFamily;
import io.latent4j.pipeline.model.transformer.TransformerParts;
import io.latent4j.schedulers.config.SchedulerConfig;
import io.latent4j.textencoder.t5.T5Config;
import io.latent4j.textencoder.t5.T5EncoderModel;
import io.latent4j.textencoder.t5.T5Tokenizer;
import io.latent4j.transformer.pixart.PixArtTransformer2DConfig;
import io.latent4j.transformer.pixart.PixArtTransformer2DModel;
import io.latent4j.vae.AutoencoderConfig;
import java.io.IOException;
import java.util.List;

/**
 * A transformer, and T5 in front of it.
 *
 * @param tokenizer closed with this
 */
record PixArtParts(PixArtTransformer2DModel transformer, T5EncoderModel encoder, T5Tokenizer tokenizer)
        implements TransformerParts {
    private static final int STEPS = 20;
    private static final double GUIDANCE_SCALE = 4.5;
    private static final String ENCODER = "text_encoder";

    static PixArtParts read(ModelFiles files) throws IOException {
        PixArtTransformer2DModel transformer = new PixArtTransformer2DModel(
                PixArtTransformer2DConfig.from(files.json(TransformerFamily.TRANSFORMER + "/config.json")));
        Config config = files.json(ENCODER + "/config.json");
        T5EncoderModel encoder = new T5EncoderModel(T5Config.from(config));
        int expected = transformer.config().captionChannels();
        if (encoder.config().width() != expected) {
            throw config.bad(
                    "d_model",
                    "is " + encoder.config().width() + "; expected " + expected
                            + ", the transformer's caption_channels");
        }
        T5Tokenizer tokenizer = T5Tokenizer.read(files.tokenizer("tokenizer").folder(), PixArtEncoding.TOKENS);
        return new PixArtParts(transformer, encoder, tokenizer);
    }

    @Override
    public List<Encoder> texts() {
        return List.of(new Encoder(ENCODER, LoraPart.TEXT_ENCODER, encoder, encoder::keyOf));
    }

    @Override
    public TextEncoding encoding() {
        return new PixArtEncoding(encoder, tokenizer);
    }

    @Override
    public TransformerDenoiser denoiser(DataType type) {
        return new PixArtDenoiser(transformer, type);
    }

    @Override
    public void checkLatents(AutoencoderConfig autoencoder, String place) {
        int channels = autoencoder.latentChannels();
        PixArtTransformer2DConfig config = transformer.config();
        if (config.inChannels() != channels || config.outChannels() != 2 * channels) {
            throw new IllegalArgumentException(place + "/transformer/config.json: in_channels is "
                    + config.inChannels() + " and out_channels " + config.outChannels() + "; expected " + channels
                    + ", the VAE's latent_channels, and twice as many");
        }
    }

    @Override
    public ModelDefaults defaults(Config index, SchedulerConfig scheduler, int downscale) {
        return ModelDefaults.of(index, transformer.config().sampleSize() * downscale, STEPS, GUIDANCE_SCALE);
    }

    @Override
    public void close() {
        tokenizer.close();
    }
}
