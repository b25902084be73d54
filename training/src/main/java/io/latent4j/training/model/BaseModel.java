package io.latent4j.training.model;

import ai.djl.ndarray.NDManager;
import io.latent4j.core.nn.Precision;
import io.latent4j.hub.DownloadListener;
import io.latent4j.hub.ModelId;
import io.latent4j.pipeline.files.FileOptions;
import io.latent4j.pipeline.files.ModelLocator;
import io.latent4j.pipeline.model.Components;
import io.latent4j.pipeline.model.Devices;
import io.latent4j.pipeline.model.Placement;
import io.latent4j.training.config.RunFile;
import io.latent4j.training.run.TrainingLoop;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The model that a run adds something to, as a run file names it: a folder, a single file, or a name on the hub. */
public final class BaseModel {
    private static final String VARIANT = "variant";
    private static final List<String> SETTINGS = List.of("tokenizer", "config", "prediction_type");
    private static final String OF_A_FOLDER = "it is for models in a single file: a folder's own tokenizer, config.json"
            + " files and scheduler/scheduler_config.json count; leave it out, or change those";

    private BaseModel() {}

    /**
     * Reads the keys {@code model}, {@code variant}, {@code tokenizer}, {@code config}, {@code prediction_type},
     * {@code data_type} and {@code weight_type}, and loads the model; the caller closes it.
     *
     * @param manager whose device is where training runs
     * @throws IllegalArgumentException if the model is of a kind that nothing can be added to, or a key would do nothing
     */
    public static Components load(NDManager manager, RunFile file, TrainingLoop.Watcher watcher) throws IOException {
        Optional<String> name = file.text("model");
        Optional<Path> place = file.path("model");
        FileOptions options =
                new FileOptions(file.path("tokenizer"), file.path("config"), file.text("prediction_type"));
        ModelLocator locator = new ModelLocator(file.text(VARIANT), new Downloads(watcher));
        Placement placement = new Placement(manager.getDevice(), precision(file, manager));
        if (name.isEmpty()) {
            refuse(file, SETTINGS, "the model that ships with latent4j has its own");
            refuse(file, List.of(VARIANT), "the model that ships with latent4j has one set of weights");
            return Components.embedded(placement.device(), placement.precision());
        }
        boolean here = place.filter(Files::exists).isPresent();
        if (!here && !ModelId.isId(name.get())) {
            throw new IOException(file + ": model: there is no folder or file " + place.orElseThrow()
                    + "; expected a model, or owner/name of one on the hub");
        }
        boolean isFile = here
                ? Files.isRegularFile(place.orElseThrow())
                : ModelId.parse(name.get()).file().isPresent();
        if (here || isFile) {
            refuse(file, List.of(VARIANT), "it chooses among the weights of a folder on the hub");
        }
        if (!isFile) {
            refuse(file, SETTINGS, OF_A_FOLDER);
        }
        Components parts = here
                ? Components.load(locator.withTokenizer(place.orElseThrow().toString(), options), placement)
                : Components.load(name.get(), locator.withTokenizer(name.get(), options), placement);
        try {
            check(file, parts);
            return parts;
        } catch (RuntimeException | Error e) {
            parts.close();
            throw e;
        }
    }

    private static Precision precision(RunFile file, NDManager manager) {
        String weights = file.text("weight_type").orElse("auto");
        String compute = file.text("data_type").orElse("float32");
        try {
            return Devices.precision(weights, compute, manager.getDevice());
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(file + ": data_type and weight_type: " + e.getMessage(), e);
        }
    }

    /** Refuses keys that would do nothing. */
    private static void refuse(RunFile file, List<String> keys, String reason) {
        for (String key : keys) {
            if (file.has(key)) {
                throw file.bad(key, file.text(key).orElseThrow(), "none, as " + reason);
            }
        }
    }

    private static void check(RunFile file, Components parts) {
        if (parts.readers().size() < parts.family().textParts().size()) {
            throw new IllegalArgumentException(file + ": model " + parts.name()
                    + " is SDXL's refiner; expected a Stable Diffusion 1 or 2, or the SDXL that it refines");
        }
        int channels = parts.unet().config().inChannels();
        int latents = parts.vae().config().latentChannels();
        if (channels != latents) {
            throw new IllegalArgumentException(file + ": model " + parts.name() + " is for inpainting, its UNet takes "
                    + channels + " channels; expected a model of " + latents
                    + ", such as the one it was made of, whose adapters and words go with it too");
        }
        if (parts.unet().config().takesGuidance()) {
            throw new IllegalArgumentException(file + ": model " + parts.name()
                    + " was distilled from a guided one (LCM); expected a model such as the one it was made of,"
                    + " whose adapters and words go with it too");
        }
    }

    /** Notes each file that is downloaded. */
    private static final class Downloads implements DownloadListener {
        private final TrainingLoop.Watcher watcher;
        private final Set<String> noted = new HashSet<>();

        private Downloads(TrainingLoop.Watcher watcher) {
            this.watcher = watcher;
        }

        @Override
        public void progress(String file, long done, long total) {
            if (noted.add(file)) {
                watcher.note("downloading " + file + (total > 0 ? ", " + total + " bytes" : ""));
            }
        }

        @Override
        public void note(String text) {
            watcher.note(text);
        }
    }
}
