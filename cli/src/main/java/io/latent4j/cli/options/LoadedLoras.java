package io.latent4j.cli.options;

import io.latent4j.lora.Lora;
import io.latent4j.lora.LoraUse;
import io.latent4j.pipeline.model.Model;
import io.latent4j.pipeline.request.AdapterUse;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Adapters in memory until this is closed. */
public final class LoadedLoras implements AutoCloseable {
    private final Map<String, Lora> adapters = new LinkedHashMap<>();
    private final List<AdapterUse> uses = new ArrayList<>();
    private final List<LoraUse> open = new ArrayList<>();

    private LoadedLoras() {}

    /** Reads adapters for a model. */
    public static LoadedLoras load(List<LoraOptions.Wanted> wanted, Model model) throws IOException {
        LoadedLoras loaded = new LoadedLoras();
        try {
            for (LoraOptions.Wanted each : wanted) {
                Lora lora = model.lora(each.file());
                String name = loaded.free(lora.name());
                loaded.adapters.put(name, lora);
                loaded.open.add(each.strengths().of(lora));
                loaded.uses.add(each.strengths().of(name));
            }
            return loaded;
        } catch (IOException | RuntimeException | Error e) {
            loaded.close();
            throw e;
        }
    }

    /** A sentence for each thing in the files that has no effect. */
    public List<String> warnings() {
        return open.stream()
                .flatMap(use -> use.lora().report().warnings().stream())
                .toList();
    }

    /** A name that no other adapter has, where files in several folders have one. */
    private String free(String name) {
        String free = name;
        for (int i = 2; adapters.containsKey(free); i++) {
            free = name + "-" + i;
        }
        return free;
    }

    /** The adapters by the names that {@link #uses} have. */
    public Map<String, Lora> adapters() {
        return Map.copyOf(adapters);
    }

    public List<AdapterUse> uses() {
        return List.copyOf(uses);
    }

    /** The uses of the open adapters. */
    public List<LoraUse> open() {
        return List.copyOf(open);
    }

    @Override
    public void close() {
        adapters.values().forEach(Lora::close);
    }
}
