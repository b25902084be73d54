package io.latent4j.pipeline.model;

import ai.djl.Device;
import ai.djl.ndarray.types.DataType;

/**
 * Where the weights of a model are, and when.
 *
 * @param device where the weights are and the work is done
 * @param dataType of the text encoders' and UNet's weights and activations, and of the VAE's unless its config forces
 *     float32
 * @param offload whether each part's weights are on the device only while it is used: the first who uses it reads them
 *     from the model's files, which must stay as they are, and the last frees them. A run then takes the memory of its
 *     largest part and not of all, and the time to read each part once
 */
public record Placement(Device device, DataType dataType, boolean offload) {

    /** All parts at all times. */
    public Placement(Device device, DataType dataType) {
        this(device, dataType, false);
    }

    /** The same, where parts are on the device only while they are used. */
    public Placement offloaded() {
        return new Placement(device, dataType, true);
    }
}
