package io.latent4j.conformance;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import io.latent4j.core.nn.Precision;
import io.latent4j.pipeline.UnconditionalPipeline;
import io.latent4j.pipeline.files.ModelFiles;
import io.latent4j.pipeline.model.Components;
import io.latent4j.pipeline.model.Families;
import io.latent4j.pipeline.model.Model;
import io.latent4j.pipeline.model.Placement;
import io.latent4j.textencoder.TextTokenizer;
import java.io.IOException;
import java.nio.file.Path;

/**
 * The engine and the model that replays work with. At most one model is loaded at a time, and it stays for the next case,
 * which usually needs it too. The engine starts with the first array.
 */
final class Workbench implements AutoCloseable {
    private final Device device;
    private NDManager root;
    private Loaded loaded;

    /** A model in a folder, with the manager of its arrays and what else to close. */
    private record Loaded(Path folder, Object model, NDManager manager, Runnable release) {}

    /** Loads a model's weights. */
    @FunctionalInterface
    interface Loader<T> {
        T load(Path folder, NDManager manager, Precision precision) throws IOException;
    }

    Workbench(Device device) {
        this.device = device;
    }

    /** A manager for the arrays of one case, which closes it. */
    NDManager newManager() {
        return root().newSubManager();
    }

    private NDManager root() {
        if (root == null) {
            root = NDManager.newBaseManager(device, "PyTorch");
        }
        return root;
    }

    /** The model in {@code folder}, in float32. No scope may be open. */
    <T> T model(Class<T> type, Path folder, Loader<T> loader) throws IOException {
        if (!isLoaded(type, folder)) {
            unload();
            NDManager manager = newManager();
            try {
                T model = loader.load(folder, manager, Precision.FLOAT32);
                loaded = new Loaded(folder, model, manager, manager::close);
            } catch (IOException | RuntimeException e) {
                manager.close();
                throw e;
            }
        }
        return type.cast(loaded.model());
    }

    /** The parts of the model in {@code folder}, in float32. No scope may be open. */
    Components components(Path folder) throws IOException {
        if (!isLoaded(Components.class, folder)) {
            unload();
            Components parts = Components.load(folder, device, DataType.FLOAT32);
            loaded = new Loaded(folder, parts, parts.manager(), parts::close);
        }
        return (Components) loaded.model();
    }

    /** The model in {@code folder}, of whichever family, in float32. No scope may be open. */
    Model anyModel(Path folder) throws IOException {
        if (!isLoaded(Model.class, folder)) {
            unload();
            Model model = Families.installed()
                    .open(folder.toString(), ModelFiles.of(folder), new Placement(device, DataType.FLOAT32));
            loaded = new Loaded(folder, model, model.manager(), model::close);
        }
        return (Model) loaded.model();
    }

    /** The model of pixels in {@code folder}, in float32. No scope may be open. */
    UnconditionalPipeline pixelPipeline(Path folder) throws IOException {
        if (!isLoaded(UnconditionalPipeline.class, folder)) {
            unload();
            UnconditionalPipeline pipeline = UnconditionalPipeline.load(folder, device, DataType.FLOAT32);
            loaded = new Loaded(folder, pipeline, pipeline.manager(), pipeline::close);
        }
        return (UnconditionalPipeline) loaded.model();
    }

    /** Reads a tokenizer's folder. */
    @FunctionalInterface
    interface TokenizerReader<T> {
        T read(Path folder) throws IOException;
    }

    /** The tokenizer in {@code folder}, whose length all cases of the folder share. */
    <T extends TextTokenizer> T tokenizer(Class<T> type, Path folder, TokenizerReader<T> reader) throws IOException {
        if (!isLoaded(type, folder)) {
            unload();
            T tokenizer = reader.read(folder);
            loaded = new Loaded(folder, tokenizer, root(), tokenizer::close);
        }
        return type.cast(loaded.model());
    }

    private boolean isLoaded(Class<?> type, Path folder) {
        return loaded != null
                && type.isInstance(loaded.model())
                && loaded.folder().equals(folder);
    }

    /** Frees the model. */
    void unload() {
        if (loaded != null) {
            loaded.release().run();
            loaded = null;
        }
    }

    /** How many arrays the engine holds for the cases and the model that is loaded. */
    int managedArrays() {
        int ofModel = loaded == null || loaded.manager() == root
                ? 0
                : loaded.manager().getManagedArrays().size();
        return root().getManagedArrays().size() + ofModel;
    }

    @Override
    public void close() {
        unload();
        if (root != null) {
            root.close();
            root = null;
        }
    }
}
