package io.latent4j.conformance;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.latent4j.core.config.Config;
import io.latent4j.core.nn.Pass;
import io.latent4j.core.nn.Precision;
import io.latent4j.core.ops.Ops;
import io.latent4j.unet.ControlNetConfig;
import io.latent4j.unet.ControlNetModel;
import io.latent4j.unet.ControlResiduals;
import io.latent4j.unet.UNet2DConditionModel;
import io.latent4j.unet.UNetInput;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What a control network adds, and what a UNet predicts with it. */
final class ControlNetReplay {
    private ControlNetReplay() {}

    @SuppressWarnings("try")
    static void run(CaseFile file, Workbench bench, Comparison comparison) throws IOException {
        file.allInputsIn(Set.of("sample", "timestep", "encoder_hidden_states", "controlnet_cond"));
        Config config = Config.read(file.component().resolve("config.json"));
        NotCovered.ifRefused(() -> ControlNetConfig.from(config));
        Path folder = file.root().resolve(file.text("unet"));
        UNet2DConditionModel unet = bench.model(UNet2DConditionModel.class, folder, UNet2DConditionModel::load);
        ControlNetModel net = ControlNetModel.load(file.component(), file.manager(), Precision.FLOAT32);
        try (NDScope scope = new NDScope()) {
            NDArray sample = file.in("sample");
            NDArray context = file.in("encoder_hidden_states");
            NDArray times = Ops.cast(file.in("timestep"), DataType.FLOAT32)
                    .broadcast(new Shape(sample.getShape().get(0)));
            UNetInput input = UNetInput.of(sample, times, context);
            NDArray hint = net.hint(Pass.inference(), file.in("controlnet_cond"));
            ControlResiduals added =
                    net.forward(Pass.inference(), input, hint).scaled(file.number("conditioning_scale", 1));
            ControlResiduals residuals = file.scalars().get("guess_mode").getAsBoolean() ? added.rising() : added;
            Map<String, NDArray> got = new HashMap<>();
            for (int i = 0; i < residuals.down().size(); i++) {
                got.put("out.down." + i, residuals.down().get(i));
            }
            got.put("out.mid", residuals.mid().orElseThrow());
            got.put("out.unet_sample", unet.forward(Pass.inference(), input.withControl(Optional.of(residuals))));
            file.compare(comparison, got, Set.of());
        }
    }
}
