package io.latent4j.pipeline;

import io.latent4j.lora.LoraUse;
import io.latent4j.pipeline.request.AdapterUse;
import io.latent4j.pipeline.request.GenerationRequest;
import java.util.stream.Stream;

/** Uses of open adapters as the values that requests have. */
public final class AdapterUses {
    private AdapterUses() {}

    public static GenerationRequest with(GenerationRequest request, LoraUse... uses) {
        return request.withAdapters(Stream.of(uses).map(AdapterUses::value).toList());
    }

    private static AdapterUse value(LoraUse use) {
        return new AdapterUse(use.lora().name(), use.unetStrength(), use.textStrength(), use.blocks(), use.schedule());
    }
}
