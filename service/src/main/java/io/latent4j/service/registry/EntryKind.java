package io.latent4j.service.registry;

import com.google.common.collect.ImmutableSet;
import io.latent4j.pipeline.files.ModelKind;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** What a {@link ModelRegistry} has by name. */
public enum EntryKind {
    /** Models that make images, those that refine among them. */
    MODEL("model", ModelKind.INDEX, "safetensors", "ckpt"),
    /** Adapters: LoRA and its kin. */
    ADAPTER("adapter", "", "safetensors", "pt", "pth", "bin", "ckpt"),
    /** Learned words (textual inversion), whose names are the words. */
    WORD("learned word", "", "safetensors", "pt", "bin"),
    /** Control networks. */
    CONTROL_NETWORK("control network", "config.json", "safetensors", "pth", "ckpt", "bin"),
    /** Autoencoders that show steps. */
    PREVIEWS("decoder of previews", "config.json", "safetensors", "pt", "pth", "bin", "ckpt");

    private final String title;
    private final String index;
    private final ImmutableSet<String> endings;

    EntryKind(String title, String index, String... endings) {
        this.title = title;
        this.index = index;
        this.endings = ImmutableSet.copyOf(endings);
    }

    /** What to call one of them in a sentence. */
    public String title() {
        return title;
    }

    /** Whether a folder is one of them, and not one that has some. */
    boolean isFolder(Path folder) {
        return !index.isEmpty() && Files.isRegularFile(folder.resolve(index));
    }

    /** The name of a file that may be one of them, without its ending. */
    Optional<String> stem(String file) {
        int dot = file.lastIndexOf('.');
        return dot > 0 && endings.contains(file.substring(dot + 1))
                ? Optional.of(file.substring(0, dot))
                : Optional.empty();
    }
}
