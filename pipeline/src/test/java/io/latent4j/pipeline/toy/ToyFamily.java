package io.latent4j.pipeline.toy;

import io.latent4j.core.config.Config;
import io.latent4j.lora.AdaptableModel;
import io.latent4j.lora.AdapterNames;
import io.latent4j.lora.LoraPart;
import io.latent4j.pipeline.files.ModelFiles;
import io.latent4j.pipeline.files.SingleFileLayout;
import io.latent4j.pipeline.model.Model;
import io.latent4j.pipeline.model.ModelFamily;
import io.latent4j.pipeline.model.Placement;
import io.latent4j.schedulers.config.SchedulerConfig;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A made-up family: letters as tokens, latents of 5 channels for 4×4 pixels, sizes in steps of 12, and a denoiser that
 * knows the image of each text. All that it touches is this package and its line in {@code META-INF/services}.
 */
public final class ToyFamily implements ModelFamily {

    @Override
    public String title() {
        return "Toy";
    }

    @Override
    public Set<String> classNames() {
        return Set.of("ToyPipeline");
    }

    @Override
    public List<SingleFileLayout> singleFiles() {
        return List.of(new ToyLayout());
    }

    @Override
    public Model open(String name, ModelFiles files, Placement placement) throws IOException {
        Config scheduler = files.json("scheduler/scheduler_config.json");
        return new ToyModel(name, placement, SchedulerConfig.from(scheduler.json(), scheduler.name()));
    }

    @Override
    public AdaptableModel adaptable(ModelFiles files) {
        throw new IllegalArgumentException("a toy has no layers; expected no adapters");
    }

    @Override
    public AdapterNames adapterNames() {
        return new AdapterNames(Map.of(LoraPart.UNET, new AdapterNames.Part("toy_", "toy.")));
    }
}
