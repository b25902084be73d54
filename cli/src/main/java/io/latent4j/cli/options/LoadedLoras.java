package io.latent4j.cli.options;

import io.latent4j.lora.Lora;
import io.latent4j.lora.LoraUse;
import io.latent4j.pipeline.model.Components;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Adapters in memory until this is closed. */
public final class LoadedLoras implements AutoCloseable {
    private final List<LoraUse> uses = new ArrayList<>();

    private LoadedLoras() {}

    /** Reads adapters for a model. */
    public static LoadedLoras load(List<LoraOptions.Wanted> wanted, Components parts) throws IOException {
        LoadedLoras loaded = new LoadedLoras();
        try {
            for (LoraOptions.Wanted each : wanted) {
                Lora lora = parts.lora(each.file());
                try {
                    loaded.uses.add(each.strengths().of(lora));
                } catch (IllegalArgumentException e) {
                    lora.close();
                    throw e;
                }
            }
            return loaded;
        } catch (IOException | RuntimeException | Error e) {
            loaded.close();
            throw e;
        }
    }

    /** A sentence for each thing in the files that has no effect. */
    public List<String> warnings() {
        return uses.stream()
                .flatMap(use -> use.lora().report().warnings().stream())
                .toList();
    }

    public List<LoraUse> uses() {
        return List.copyOf(uses);
    }

    @Override
    public void close() {
        uses.forEach(use -> use.lora().close());
    }
}
