package io.latent4j.conformance;

import ai.djl.ndarray.NDArray;
import com.google.gson.JsonElement;
import io.latent4j.core.config.Config;
import io.latent4j.core.nn.SinusoidalEmbedding;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/** Timesteps as waves, at several settings. */
final class TimestepEmbeddingReplay {
    private TimestepEmbeddingReplay() {}

    static void run(CaseFile file, Workbench bench, Comparison comparison) throws IOException {
        NDArray timesteps = file.in("timesteps");
        Map<String, NDArray> got = new HashMap<>();
        for (JsonElement element : file.scalars().getAsJsonArray("settings")) {
            Config settings = Config.of("settings", element.getAsJsonObject());
            SinusoidalEmbedding embedding = new SinusoidalEmbedding(
                    settings.integer("embedding_dim"),
                    settings.flag("flip_sin_to_cos", false),
                    settings.real("downscale_freq_shift", 1),
                    settings.real("scale", 1),
                    settings.real("max_period", 10_000));
            got.put("out." + settings.integer("index"), embedding.of(timesteps));
        }
        file.compare(comparison, got, Set.of());
    }
}
