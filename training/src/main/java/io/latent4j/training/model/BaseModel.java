package io.latent4j.training.model;

import ai.djl.ndarray.NDManager;
import io.latent4j.core.config.Counted;
import io.latent4j.hub.DownloadListener;
import io.latent4j.pipeline.files.ModelLocator;
import io.latent4j.pipeline.model.Components;
import io.latent4j.pipeline.model.Devices;
import io.latent4j.pipeline.model.Placement;
import io.latent4j.training.run.TrainingLoop;
import java.io.IOException;
import java.util.HashSet;
import java.util.Set;

/** The model that a run adds something to, as a run file names it: a folder, a single file, or a name on the hub. */
public final class BaseModel {
    private BaseModel() {}

    /**
     * Loads the model of a plan; the caller closes it.
     *
     * @param manager whose device is where training runs
     * @throws IllegalArgumentException if the model is of a kind that nothing can be added to
     */
    public static Components load(NDManager manager, BaseModelPlan plan, TrainingLoop.Watcher watcher)
            throws IOException {
        plan.requireIsThere();
        Placement placement = new Placement(
                manager.getDevice(), Devices.precision(plan.weightType(), plan.dataType(), manager.getDevice()));
        if (plan.name().isEmpty()) {
            return Components.embedded(placement.device(), placement.precision());
        }
        ModelLocator locator = new ModelLocator(plan.variant(), new Downloads(watcher));
        String name = plan.name().get();
        Components parts = plan.isHere()
                ? Components.load(
                        locator.withTokenizer(plan.place().orElseThrow().toString(), plan.options()), placement)
                : Components.load(name, locator.withTokenizer(name, plan.options()), placement);
        try {
            check(plan.file().name(), parts);
            return parts;
        } catch (RuntimeException | Error e) {
            parts.close();
            throw e;
        }
    }

    private static void check(String file, Components parts) {
        if (parts.readers().size() < parts.family().textParts().size()) {
            throw new IllegalArgumentException(file + ": model " + parts.name()
                    + " lacks a text encoder that " + parts.family().title()
                    + " has, as refiners do; expected the model"
                    + " that it refines, or another with all text encoders");
        }
        if (parts.denoiser().inpaints()) {
            throw new IllegalArgumentException(file + ": model " + parts.name() + " is for inpainting; expected a model"
                    + " without a mask, such as the one it was made of, whose adapters and words go with it too");
        }
        if (parts.denoiser().takesGuidance()) {
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
                watcher.note("downloading " + file + (total > 0 ? ", " + Counted.of(total, "byte") : ""));
            }
        }

        @Override
        public void note(String text) {
            watcher.note(text);
        }
    }
}
