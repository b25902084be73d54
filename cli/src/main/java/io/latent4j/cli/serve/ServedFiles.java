package io.latent4j.cli.serve;

import io.latent4j.pipeline.files.ModelLocator;
import io.latent4j.service.registry.EntryKind;
import io.latent4j.service.registry.ModelRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Which models, adapters and control networks clients may name. */
final class ServedFiles {
    @Option(
            names = {"-m", "--model"},
            paramLabel = "NAME=WHERE",
            description = "A model and what clients call it: a folder, a single file, or one on the hub.")
    private Map<String, String> models = new LinkedHashMap<>();

    @Option(names = "--models", paramLabel = "DIR", description = "Folder of models: folders and single files.")
    private List<Path> modelFolders = new ArrayList<>();

    @Option(names = "--lora-dir", paramLabel = "DIR", description = "Folder of adapters.")
    private List<Path> adapterFolders = new ArrayList<>();

    @Option(names = "--embedding-dir", paramLabel = "DIR", description = "Folder of learned words.")
    private List<Path> wordFolders = new ArrayList<>();

    @Option(
            names = "--controlnet",
            paramLabel = "NAME=WHERE",
            description = "A control network and what clients call it.")
    private Map<String, String> controls = new LinkedHashMap<>();

    @Option(names = "--controlnet-dir", paramLabel = "DIR", description = "Folder of control networks.")
    private List<Path> controlFolders = new ArrayList<>();

    @Option(
            names = "--preview-dir",
            paramLabel = "DIR",
            description = "Folder of autoencoders that show steps, tiny ones for instance.")
    private List<Path> previewFolders = new ArrayList<>();

    @Option(
            names = "--default-model",
            paramLabel = "NAME",
            description = "The model of requests that name none, and of those that name one of OpenAI's (default: the"
                    + " one that ships with latent4j).")
    private Optional<String> usual = Optional.empty();

    /** The model of requests that name none, if it is not the usual one. */
    Optional<String> usual() {
        return usual;
    }

    /**
     * Adds them to a registry.
     *
     * @throws IOException if one is not there
     */
    ModelRegistry addTo(ModelRegistry registry) throws IOException {
        for (Map.Entry<String, String> model : models.entrySet()) {
            ModelLocator.check(model.getValue());
            registry.addModel(model.getKey(), model.getValue());
        }
        for (Map.Entry<String, String> control : controls.entrySet()) {
            ModelLocator.check(control.getValue());
            registry.addControlNet(control.getKey(), control.getValue());
        }
        add(registry, EntryKind.MODEL, modelFolders);
        add(registry, EntryKind.ADAPTER, adapterFolders);
        add(registry, EntryKind.WORD, wordFolders);
        add(registry, EntryKind.CONTROL_NETWORK, controlFolders);
        add(registry, EntryKind.PREVIEWS, previewFolders);
        return registry.listedOnly();
    }

    private static void add(ModelRegistry registry, EntryKind kind, List<Path> folders) throws IOException {
        for (Path folder : folders) {
            registry.addFolder(kind, folder);
        }
    }
}
