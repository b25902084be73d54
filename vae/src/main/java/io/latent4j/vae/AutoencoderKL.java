package io.latent4j.vae;

import static io.latent4j.core.memory.Scopes.scoped;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.latent4j.core.config.Config;
import io.latent4j.core.nn.Conv2d;
import io.latent4j.core.nn.Layer;
import io.latent4j.core.nn.NamedBlock;
import io.latent4j.core.nn.Pass;
import io.latent4j.core.nn.Precision;
import io.latent4j.core.weights.Checkpoint;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The variational autoencoder of Stable Diffusion (<a href="https://arxiv.org/abs/1312.6114">Kingma &amp; Welling 2013</a>;
 * <a href="https://arxiv.org/abs/2112.10752">Rombach et al. 2021</a>, section 3.1): images to latents an eighth as high
 * and wide, and back.
 *
 * <p>The diffusion model's latents, {@link #scaled}, are close to unit variance.
 */
public final class AutoencoderKL extends NamedBlock implements Autoencoder {
    private final AutoencoderKLConfig config;
    private final Encoder encoder;
    private final Decoder decoder;
    private final Layer quantConv;
    private final Layer postQuantConv;

    public AutoencoderKL(AutoencoderKLConfig config) {
        this.config = config;
        long moments = 2L * config.latentChannels();
        encoder = child("encoder", new Encoder(config));
        decoder = child("decoder", new Decoder(config));
        quantConv = config.quantConv() ? child("quant_conv", Conv2d.pointwise(moments, moments)) : (pass, x) -> x;
        postQuantConv = config.postQuantConv()
                ? child("post_quant_conv", Conv2d.pointwise(config.latentChannels(), config.latentChannels()))
                : (pass, x) -> x;
    }

    /**
     * Loads a model from the {@code vae} folder of a diffusers folder: {@code config.json} and the safetensors beside it.
     *
     * @param manager owns the weights, on its device
     * @param precision what the weights are stored in, and what is computed in
     * @throws IOException if a file is missing or damaged
     * @throws IllegalArgumentException if the config asks for what is not supported, or the weights do not fit it
     */
    public static AutoencoderKL load(Path folder, NDManager manager, Precision precision) throws IOException {
        try (Checkpoint weights = Checkpoint.open(folder, "diffusion_pytorch_model")) {
            return load(Config.read(folder.resolve("config.json")), weights, manager, precision);
        }
    }

    /** Loads a model of the shape that {@code config} says; {@code weights} stay open. */
    public static AutoencoderKL load(Config config, Checkpoint weights, NDManager manager, Precision precision)
            throws IOException {
        AutoencoderKL model = new AutoencoderKL(AutoencoderKLConfig.from(config));
        model.load(weights, manager, precision, model::keyOf);
        return model;
    }

    @Override
    public AutoencoderKLConfig config() {
        return config;
    }

    @Override
    public NamedBlock block() {
        return this;
    }

    @Override
    public Optional<String> keyOf(String stored) {
        return Optional.of(currentKey(stored));
    }

    @Override
    public DiagonalGaussian encode(Pass pass, NDArray images) {
        return DiagonalGaussian.of(scoped(() -> quantConv.forward(pass, encoder.forward(pass, images))));
    }

    @Override
    public NDArray decode(Pass pass, NDArray latents) {
        return scoped(() -> decoder.forward(pass, postQuantConv.forward(pass, latents)));
    }

    @Override
    public DiagonalGaussian encodeInTiles(Pass pass, NDArray images, int side) {
        return encodeInTiles(pass, images, side, Stages.LARGEST);
    }

    DiagonalGaussian encodeInTiles(Pass pass, NDArray images, int side, long largest) {
        return DiagonalGaussian.of(
                scoped(() -> quantConv.forward(pass, encoder.stages().forwardFromTiles(pass, images, side, largest))));
    }

    @Override
    public NDArray decodeInTiles(Pass pass, NDArray latents, int side) {
        return decodeInTiles(pass, latents, side, Stages.LARGEST);
    }

    NDArray decodeInTiles(Pass pass, NDArray latents, int side, long largest) {
        return scoped(() -> decoder.stages().forwardToTiles(pass, postQuantConv.forward(pass, latents), side, largest));
    }

    /**
     * What each level of the encoder makes of images, from the finest: features to compare images by.
     *
     * @param images (N, 3, H, W) in [-1, 1]
     * @return (N, C_i, H / 2^i, W / 2^i) of each level i
     */
    public List<NDArray> features(Pass pass, NDArray images) {
        return encoder.features(pass, images);
    }

    /** The weight of the last layer, that makes pixels: (3, C, 3, 3). */
    public NDArray lastLayer() {
        return decoder.lastLayer();
    }

    /**
     * Today's name of a key from a checkpoint that names attention as autoencoders did before 2023 ({@code query},
     * {@code proj_attn}), as the published files of SD 1.5 do; any other key as it is.
     */
    public static String currentKey(String key) {
        return key.replace(".query.", ".to_q.")
                .replace(".key.", ".to_k.")
                .replace(".value.", ".to_v.")
                .replace(".proj_attn.", ".to_out.0.");
    }
}
