package io.latent4j.pipeline.model;

import ai.djl.Device;
import ai.djl.ndarray.types.DataType;
import io.latent4j.core.config.Config;
import io.latent4j.core.nn.Precision;
import io.latent4j.vae.Autoencoder;
import io.latent4j.vae.AutoencoderTiny;

/**
 * Where the weights of a model are, in which numbers, and when.
 *
 * @param device where the weights are and the work is done
 * @param precision of the text encoders and the denoiser, and of the autoencoder unless it overflows that; latents
 *     and schedulers are float32 always
 * @param offload whether each part's weights are on the device only while it is used: the first who uses it reads them
 *     from the model's files, which must stay as they are, and the last frees them. A run then takes the memory of its
 *     largest part and not of all, and the time to read each part once
 */
public record Placement(Device device, Precision precision, boolean offload) {

    /** All parts at all times. */
    public Placement(Device device, Precision precision) {
        this(device, precision, false);
    }

    /** All parts at all times, with weights of the type that is computed in. */
    public Placement(Device device, DataType dataType) {
        this(device, Precision.of(dataType));
    }

    /** The same, where parts are on the device only while they are used. */
    public Placement offloaded() {
        return new Placement(device, precision, true);
    }

    /**
     * The precision of an autoencoder. One that overflows float16 says so, or is taken to, and computes in float32 then;
     * bfloat16 has the range, and changes the image by a grey level or two at most places.
     *
     * @param config its {@code config.json}
     */
    public Precision ofAutoencoder(Config config, Autoencoder autoencoder) {
        boolean upcast = config.flag("force_upcast", !(autoencoder instanceof AutoencoderTiny));
        return upcast && precision.compute() == DataType.FLOAT16 ? Precision.FLOAT32 : precision;
    }
}
