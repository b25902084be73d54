package io.latent4j.service.registry;

import io.latent4j.core.weights.Checkpoint;
import io.latent4j.core.weights.TensorInfo;
import io.latent4j.pipeline.files.ModelFiles;
import io.latent4j.pipeline.model.Placement;
import java.io.IOException;
import java.util.List;

/** How much memory a model's weights take: as many numbers as its files have, in the types that they are kept in. */
final class ModelSize {
    private static final List<String> PARTS =
            List.of("unet", "transformer", "text_encoder", "text_encoder_2", "text_encoder_3", "vae");

    private ModelSize() {}

    /** Bytes of a model's weights; of the largest part alone where parts are in memory only while they are used. */
    static long bytes(ModelFiles files, Placement placement) throws IOException {
        long all = 0;
        long largest = 0;
        for (String part : PARTS) {
            if (files.has(part)) {
                long bytes =
                        elements(files, part) * placement.precision().weights().bytes();
                all += bytes;
                largest = Math.max(largest, bytes);
            }
        }
        return placement.offload() ? largest : all;
    }

    private static long elements(ModelFiles files, String part) throws IOException {
        try (Checkpoint weights = files.weights(part)) {
            return weights.tensors().values().stream()
                    .mapToLong(TensorInfo::elements)
                    .sum();
        }
    }
}
