package io.latent4j.server.comfy;

import com.google.common.collect.ImmutableMap;
import java.util.Map;
import java.util.Optional;

/** What flows along a link. */
sealed interface Value {
    /** An adapter at a strength. */
    record Lora(String name, double strength) {}

    /**
     * A denoiser.
     *
     * @param loras by the nodes that added them
     */
    record Model(String checkpoint, Map<String, Lora> loras) implements Value {
        public Model {
            loras = ImmutableMap.copyOf(loras);
        }
    }

    /**
     * Text encoders.
     *
     * @param loras by the nodes that added them
     * @param skip which layer is read, from the last one, 1
     */
    record Clip(String checkpoint, Map<String, Lora> loras, int skip) implements Value {
        public Clip {
            loras = ImmutableMap.copyOf(loras);
        }
    }

    /** An autoencoder. */
    record Vae(String checkpoint) implements Value {}

    /** A text that is encoded, by the node that does it. */
    record Conditioning(String node, String text, Clip clip) implements Value {}

    /** An image that the client sent. */
    record Image(String digest) implements Value {}

    /**
     * What is repainted.
     *
     * @param digest of the image that it is in
     * @param channel in which it is; in the alpha channel, what is transparent
     */
    record Mask(String digest, String channel) implements Value {}

    /** Nothing but a size. */
    record Empty(int width, int height, int batch) implements Value {}

    /**
     * An image that was encoded.
     *
     * @param mask what is repainted; all of it if empty
     * @param grow by how many pixels the mask grows
     * @param erased whether the masked part is grey
     */
    record Encoded(Image image, Vae vae, Optional<Mask> mask, int grow, boolean erased) implements Value {}

    /** What a sampler makes, by its node. */
    record Sampled(String node) implements Value {}

    /** Finished images, by the node that decodes them. */
    record Decoded(String node, String sampler) implements Value {}
}
