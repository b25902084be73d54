package io.latent4j.service.registry;

import io.latent4j.lora.Lora;
import io.latent4j.pipeline.model.ControlNet;
import io.latent4j.pipeline.model.Model;
import io.latent4j.pipeline.model.PreviewDecoder;
import io.latent4j.textencoder.LearnedWord;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The use of a model until this is closed. What it gives out stays the registry's, and is open as long as the lease lasts; it
 * is opened at the first use and shared with other leases of the model.
 */
public final class ModelLease implements AutoCloseable {
    private final ModelRegistry registry;
    private final OpenModel.Use<Model> open;

    ModelLease(ModelRegistry registry, OpenModel.Use<Model> open) {
        this.registry = registry;
        this.open = open;
    }

    /** The model. */
    public Model model() {
        return open.model();
    }

    /**
     * An adapter for the model.
     *
     * @param name in the registry, or a file
     * @throws IOException if its file is missing or damaged
     * @throws IllegalArgumentException if it is for another kind of model
     */
    public Lora adapter(String name) throws IOException {
        return open.part(
                Lora.class,
                new Key("adapter", name),
                () -> registry.adapter(name).open(model()),
                Lora::close);
    }

    /**
     * A control network for the model.
     *
     * @param name in the registry, or a folder, file or model on the hub
     * @throws IOException if a file is missing or damaged
     * @throws IllegalArgumentException if it is for another kind of model
     */
    public ControlNet controlNet(String name) throws IOException {
        return open.part(
                ControlNet.class,
                new Key("control network", name),
                () -> registry.controlNet(name).open(model()),
                ControlNet::close);
    }

    /**
     * A decoder of previews for the model.
     *
     * @param name in the registry, {@link ModelRegistry#LINEAR}, or an autoencoder's folder, file or name on the hub
     * @throws IOException if a file is missing or damaged
     * @throws IllegalArgumentException if it is for other latents
     */
    public PreviewDecoder previews(String name) throws IOException {
        return open.part(
                PreviewDecoder.class,
                new Key("previews", name),
                () -> registry.previews(name).open(model()),
                PreviewDecoder::close);
    }

    /**
     * A learned word in a file of its own, whose vectors are freed with the model.
     *
     * @param word how prompts write it; as the file calls it if empty
     */
    public LearnedWord word(Path file, Optional<String> word) throws IOException {
        return open.part(
                LearnedWord.class,
                new Key("word", List.of(file, word)),
                () -> LearnedWord.read(file, word, model().manager()),
                read -> {});
    }

    /** The learned words that an adapter brings, whose vectors are freed with the model. */
    public List<LearnedWord> words(String adapter) throws IOException {
        Lora lora = adapter(adapter);
        return open.part(Words.class, new Key("words", adapter), () -> new Words(model().words(lora)), read -> {})
                .all();
    }

    private record Words(List<LearnedWord> all) {}

    private record Key(String kind, Object name) {}

    /**
     * Does nothing while the registry stays open.
     *
     * @throws io.latent4j.core.memory.ResourceClosedException if it is being closed: the user is to stop soon
     */
    public void check() {
        open.check();
    }

    @Override
    public void close() {
        open.close();
    }
}
