package io.latent4j.conformance;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.latent4j.core.config.Config;
import io.latent4j.core.nn.Pass;
import io.latent4j.core.ops.Ops;
import io.latent4j.unet.AddedConditions;
import io.latent4j.unet.UNet2DConditionConfig;
import io.latent4j.unet.UNet2DConditionModel;
import io.latent4j.unet.UNet2DConfig;
import io.latent4j.unet.UNet2DModel;
import io.latent4j.unet.UNetInput;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** A UNet's prediction, of the class its config names. */
final class UnetReplay {
    private static final String SAMPLE = "out.sample";

    private UnetReplay() {}

    static void run(CaseFile file, Workbench bench, Comparison comparison) throws IOException {
        Config config = Config.read(file.component().resolve("config.json"));
        String className = config.text("_class_name", "");
        switch (className) {
            case "UNet2DConditionModel" -> {
                file.allInputsIn(Set.of("sample", "timestep", "encoder_hidden_states", "text_embeds", "time_ids"));
                NotCovered.ifRefused(() -> UNet2DConditionConfig.from(config));
                conditional(file, bench, comparison);
            }
            case "UNet2DModel" -> {
                file.allInputsIn(Set.of("sample", "timestep"));
                NotCovered.ifRefused(() -> UNet2DConfig.from(config));
                unconditional(file, bench, comparison);
            }
            default -> throw new NotCovered("class " + className);
        }
    }

    @SuppressWarnings("try")
    private static void conditional(CaseFile file, Workbench bench, Comparison comparison) throws IOException {
        UNet2DConditionModel unet =
                bench.model(UNet2DConditionModel.class, file.component(), UNet2DConditionModel::load);
        try (NDScope scope = new NDScope()) {
            NDArray sample = file.in("sample");
            Optional<AddedConditions> added = file.has("in.text_embeds")
                    ? Optional.of(new AddedConditions(file.in("text_embeds"), file.in("time_ids")))
                    : Optional.empty();
            NDArray got = unet.forward(
                    Pass.inference(),
                    UNetInput.of(sample, timesteps(file, sample), file.in("encoder_hidden_states"))
                            .withAdded(added));
            file.compare(comparison, Map.of(SAMPLE, got), Set.of());
        }
    }

    @SuppressWarnings("try")
    private static void unconditional(CaseFile file, Workbench bench, Comparison comparison) throws IOException {
        UNet2DModel unet = bench.model(UNet2DModel.class, file.component(), UNet2DModel::load);
        try (NDScope scope = new NDScope()) {
            NDArray sample = file.in("sample");
            NDArray got = unet.forward(Pass.inference(), sample, timesteps(file, sample));
            file.compare(comparison, Map.of(SAMPLE, got), Set.of());
        }
    }

    /** One time a sample, of which the case may hold one for all. */
    private static NDArray timesteps(CaseFile file, NDArray sample) throws IOException {
        NDArray timesteps = Ops.cast(file.in("timestep"), DataType.FLOAT32).flatten();
        long samples = sample.getShape().get(0);
        return timesteps.size() == samples ? timesteps : timesteps.broadcast(new Shape(samples));
    }
}
