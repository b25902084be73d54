package io.latent4j.pipeline.model.sd3;

import ai.djl.ndarray.types.DataType;
import io.latent4j.core.config.Config;
import io.latent4j.lora.LoraPart;
import io.latent4j.pipeline.files.ModelFiles;
import io.latent4j.pipeline.model.ModelDefaults;
import io.latent4j.pipeline.model.transformer.ClipReader;
import io.latent4j.pipeline.model.transformer.T5Reader;
import io.latent4j.pipeline.model.transformer.TransformerDenoiser;
import io.latent4j.pipeline.model.transformer.TransformerFamily;
import io.latent4j.pipeline.model.transformer.TransformerParts;
import io.latent4j.schedulers.config.SchedulerConfig;
import io.latent4j.transformer.sd3.SD3Transformer2DConfig;
import io.latent4j.transformer.sd3.SD3Transformer2DModel;
import io.latent4j.vae.AutoencoderConfig;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A transformer, two CLIPs, and T5 where it is there.
 *
 * @param encoding the text encoders and their tokenizers, which are closed with this
 */
record StableDiffusion3Parts(SD3Transformer2DModel transformer, StableDiffusion3Encoding encoding)
        implements TransformerParts {
    private static final int STEPS = 28;
    private static final double GUIDANCE_SCALE = 7;
    private static final double GUIDANCE_SCALE_OF_3_5 = 4.5;
    private static final int LARGEST_SIDE =
            1024; // in pixels: published models have positions for more than they do well
    private static final String THIRD = "text_encoder_3";

    static StableDiffusion3Parts read(ModelFiles files) throws IOException {
        Config config = files.json(TransformerFamily.TRANSFORMER + "/config.json");
        SD3Transformer2DModel transformer = new SD3Transformer2DModel(SD3Transformer2DConfig.from(config));
        List<ClipReader> clips = new ArrayList<>();
        try {
            clips.add(ClipReader.read(files, "", LoraPart.TEXT_ENCODER));
            clips.add(ClipReader.read(files, "_2", LoraPart.TEXT_ENCODER_2));
            Optional<T5Reader> t5 = files.has(THIRD)
                    ? Optional.of(T5Reader.read(files, "_3", LoraPart.TEXT_ENCODER_3, StableDiffusion3Encoding.TOKENS))
                    : Optional.empty();
            StableDiffusion3Encoding encoding =
                    new StableDiffusion3Encoding(clips, t5, transformer.config().contextChannels());
            encoding.check(transformer.config(), config);
            return new StableDiffusion3Parts(transformer, encoding);
        } catch (IOException | RuntimeException | Error e) {
            clips.forEach(clip -> clip.tokenizer().close());
            throw e;
        }
    }

    @Override
    public List<Encoder> texts() {
        List<Encoder> encoders = new ArrayList<>();
        encoding.clips().forEach(clip -> encoders.add(clip.encoderPart()));
        encoding.t5().ifPresent(t5 -> encoders.add(t5.encoderPart()));
        return encoders;
    }

    @Override
    public TransformerDenoiser denoiser(DataType type) {
        return new StableDiffusion3Denoiser(transformer, type);
    }

    @Override
    public void checkLatents(AutoencoderConfig autoencoder, String place) {
        int channels = autoencoder.latentChannels();
        SD3Transformer2DConfig config = transformer.config();
        if (config.inChannels() != channels || config.outChannels() != channels) {
            throw new IllegalArgumentException(place + "/transformer/config.json: in_channels is "
                    + config.inChannels() + " and out_channels " + config.outChannels() + "; expected " + channels
                    + " of both, the VAE's latent_channels");
        }
    }

    @Override
    public ModelDefaults defaults(Config index, SchedulerConfig scheduler, int downscale) {
        return ModelDefaults.of(
                index,
                Math.min(transformer.config().sampleSize() * downscale, LARGEST_SIDE),
                STEPS,
                transformer.config().normalizesHeads() ? GUIDANCE_SCALE_OF_3_5 : GUIDANCE_SCALE);
    }

    @Override
    public void close() {
        encoding.clips().forEach(clip -> clip.tokenizer().close());
        encoding.t5().ifPresent(t5 -> t5.tokenizer().close());
    }
}
