package io.latent4j.conformance;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.latent4j.core.config.Config;
import io.latent4j.core.nn.Pass;
import io.latent4j.core.ops.Ops;
import io.latent4j.transformer.flux.FluxInput;
import io.latent4j.transformer.flux.FluxTransformer2DConfig;
import io.latent4j.transformer.flux.FluxTransformer2DModel;
import io.latent4j.transformer.flux2.Flux2Input;
import io.latent4j.transformer.flux2.Flux2Transformer2DConfig;
import io.latent4j.transformer.flux2.Flux2Transformer2DModel;
import io.latent4j.transformer.layers.Positions;
import io.latent4j.transformer.pixart.PixArtInput;
import io.latent4j.transformer.pixart.PixArtTransformer2DConfig;
import io.latent4j.transformer.pixart.PixArtTransformer2DModel;
import io.latent4j.transformer.sd3.SD3Input;
import io.latent4j.transformer.sd3.SD3Transformer2DConfig;
import io.latent4j.transformer.sd3.SD3Transformer2DModel;
import io.latent4j.transformer.zimage.ZImageInput;
import io.latent4j.transformer.zimage.ZImageTransformer2DConfig;
import io.latent4j.transformer.zimage.ZImageTransformer2DModel;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The prediction of a transformer. */
final class TransformerReplay {
    private static final String SAMPLE = "out.sample";

    private TransformerReplay() {}

    @SuppressWarnings("try")
    static void pixArt(CaseFile file, Workbench bench, Comparison comparison) throws IOException {
        file.allInputsIn(Set.of("sample", "timestep", "encoder_hidden_states", "encoder_attention_mask"));
        Config config = config(file);
        NotCovered.ifRefused(() -> PixArtTransformer2DConfig.from(config));
        PixArtTransformer2DModel transformer =
                bench.model(PixArtTransformer2DModel.class, file.component(), PixArtTransformer2DModel::load);
        try (NDScope scope = new NDScope()) {
            NDArray sample = file.in("sample");
            Optional<NDArray> mask =
                    file.findIn("encoder_attention_mask").map(each -> Ops.cast(each, DataType.FLOAT32));
            PixArtInput input = new PixArtInput(
                    sample, perSample(file, "timestep", sample), file.in("encoder_hidden_states"), mask);
            compare(file, comparison, transformer.forward(Pass.inference(), input));
        }
    }

    @SuppressWarnings("try")
    static void sd3(CaseFile file, Workbench bench, Comparison comparison) throws IOException {
        file.allInputsIn(Set.of("sample", "timestep", "encoder_hidden_states", "pooled_projections"));
        Config config = config(file);
        NotCovered.ifRefused(() -> SD3Transformer2DConfig.from(config));
        SD3Transformer2DModel transformer =
                bench.model(SD3Transformer2DModel.class, file.component(), SD3Transformer2DModel::load);
        try (NDScope scope = new NDScope()) {
            NDArray sample = file.in("sample");
            SD3Input input = new SD3Input(
                    sample,
                    perSample(file, "timestep", sample),
                    file.in("encoder_hidden_states"),
                    file.in("pooled_projections"),
                    Set.copyOf(Config.of("scalars", file.scalars()).integers("skip_layers", List.of())));
            compare(file, comparison, transformer.forward(Pass.inference(), input));
        }
    }

    @SuppressWarnings("try")
    static void flux(CaseFile file, Workbench bench, Comparison comparison) throws IOException {
        file.allInputsIn(Set.of(
                "hidden_states",
                "timestep",
                "encoder_hidden_states",
                "pooled_projections",
                "img_ids",
                "txt_ids",
                "guidance"));
        Config config = config(file);
        NotCovered.ifRefused(() -> FluxTransformer2DConfig.from(config));
        FluxTransformer2DModel transformer =
                bench.model(FluxTransformer2DModel.class, file.component(), FluxTransformer2DModel::load);
        try (NDScope scope = new NDScope()) {
            NDArray sample = file.in("hidden_states");
            FluxInput input = new FluxInput(
                    sample,
                    perSample(file, "timestep", sample),
                    file.in("encoder_hidden_states"),
                    file.in("pooled_projections"),
                    Positions.of(file.in("img_ids")),
                    Positions.of(file.in("txt_ids")),
                    guidance(file, sample));
            compare(file, comparison, transformer.forward(Pass.inference(), input));
        }
    }

    @SuppressWarnings("try")
    static void flux2(CaseFile file, Workbench bench, Comparison comparison) throws IOException {
        file.allInputsIn(
                Set.of("hidden_states", "timestep", "encoder_hidden_states", "img_ids", "txt_ids", "guidance"));
        Config config = config(file);
        NotCovered.ifRefused(() -> Flux2Transformer2DConfig.from(config));
        Flux2Transformer2DModel transformer =
                bench.model(Flux2Transformer2DModel.class, file.component(), Flux2Transformer2DModel::load);
        try (NDScope scope = new NDScope()) {
            NDArray sample = file.in("hidden_states");
            Flux2Input input = new Flux2Input(
                    sample,
                    perSample(file, "timestep", sample),
                    file.in("encoder_hidden_states"),
                    Positions.of(file.in("img_ids")),
                    Positions.of(file.in("txt_ids")),
                    guidance(file, sample));
            compare(file, comparison, transformer.forward(Pass.inference(), input));
        }
    }

    private static Optional<NDArray> guidance(CaseFile file, NDArray sample) throws IOException {
        return file.has("in.guidance") ? Optional.of(perSample(file, "guidance", sample)) : Optional.empty();
    }

    @SuppressWarnings("try")
    static void zImage(CaseFile file, Workbench bench, Comparison comparison) throws IOException {
        Config config = config(file);
        NotCovered.ifRefused(() -> ZImageTransformer2DConfig.from(config));
        ZImageTransformer2DModel transformer =
                bench.model(ZImageTransformer2DModel.class, file.component(), ZImageTransformer2DModel::load);
        try (NDScope scope = new NDScope()) {
            NDArray sample = file.in("sample");
            List<NDArray> captions = new ArrayList<>();
            Set<String> known = new HashSet<>(Set.of("sample", "timestep"));
            for (int i = 0; i < sample.getShape().get(0); i++) {
                captions.add(file.in("cap_feats." + i));
                known.add("cap_feats." + i);
            }
            file.allInputsIn(known);
            ZImageInput input = new ZImageInput(sample, perSample(file, "timestep", sample), captions);
            compare(file, comparison, transformer.forward(Pass.inference(), input));
        }
    }

    private static void compare(CaseFile file, Comparison comparison, NDArray sample) throws IOException {
        file.compare(comparison, Map.of(SAMPLE, sample), Set.of());
    }

    private static Config config(CaseFile file) throws IOException {
        return Config.read(file.component().resolve("config.json"));
    }

    /** One number a sample, of which the case may hold one for all. */
    private static NDArray perSample(CaseFile file, String name, NDArray sample) throws IOException {
        NDArray numbers = Ops.cast(file.in(name), DataType.FLOAT32).flatten();
        long samples = sample.getShape().get(0);
        return numbers.size() == samples ? numbers : numbers.broadcast(new Shape(samples));
    }
}
