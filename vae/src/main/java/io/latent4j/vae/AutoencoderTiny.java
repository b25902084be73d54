package io.latent4j.vae;

import static io.latent4j.core.memory.Scopes.scoped;

import ai.djl.ndarray.NDArray;
import io.latent4j.core.nn.NamedBlock;
import io.latent4j.core.nn.Pass;
import java.util.Optional;

/**
 * A small autoencoder that stands in for a large one (TAESD, Bohan 2023): convolutions and rectifiers without
 * normalization or attention, some hundredths of the work. Its latents are those of the large one in the diffusion model's
 * scale.
 */
public final class AutoencoderTiny extends NamedBlock implements Autoencoder {
    private final AutoencoderTinyConfig config;
    private final Optional<TinyEncoder> encoder;
    private final TinyDecoder decoder;

    /** A model without weights, for which no engine is needed. */
    public AutoencoderTiny(AutoencoderTinyConfig config) {
        this.config = config;
        encoder = config.encoderBlocks().isEmpty()
                ? Optional.empty()
                : Optional.of(child("encoder", new TinyEncoder(config)));
        decoder = child("decoder", new TinyDecoder(config));
    }

    @Override
    public AutoencoderTinyConfig config() {
        return config;
    }

    @Override
    public NamedBlock block() {
        return this;
    }

    @Override
    public Optional<String> keyOf(String stored) {
        return Optional.of(stored);
    }

    /**
     * {@inheritDoc}
     *
     * <p>The latents are certain: the distribution is as narrow as one can be.
     *
     * @throws IllegalStateException if this has no encoder
     */
    @Override
    public DiagonalGaussian encode(Pass pass, NDArray images) {
        return DiagonalGaussian.certain(
                scoped(() -> encoder().forward(pass, images.add(1).div(2))));
    }

    @Override
    public DiagonalGaussian encodeInTiles(Pass pass, NDArray images, int side) {
        return DiagonalGaussian.certain(scoped(
                () -> encoder().stages().forwardFromTiles(pass, images.add(1).div(2), side, Stages.LARGEST)));
    }

    private TinyEncoder encoder() {
        return encoder.orElseThrow(() -> new IllegalStateException(
                "this autoencoder only decodes; expected one with an encoder, to start from an image"));
    }

    @Override
    public NDArray decode(Pass pass, NDArray latents) {
        return scoped(() -> decoder.forward(pass, latents).mul(2).sub(1));
    }

    @Override
    public NDArray decodeInTiles(Pass pass, NDArray latents, int side) {
        return scoped(() -> decoder.stages()
                .forwardToTiles(pass, latents, side, Stages.LARGEST)
                .mul(2)
                .sub(1));
    }
}
