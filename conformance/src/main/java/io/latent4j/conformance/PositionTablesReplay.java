package io.latent4j.conformance;

import ai.djl.ndarray.NDArray;
import io.latent4j.core.config.Config;
import io.latent4j.transformer.layers.Positions;
import io.latent4j.transformer.layers.RotaryEmbedding;
import io.latent4j.transformer.layers.SinCosPositions;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The positions of patches and tokens: waves that are added, and turns. */
final class PositionTablesReplay {
    private PositionTablesReplay() {}

    static void run(CaseFile file, Workbench bench, Comparison comparison) throws IOException {
        NDArray like = file.in("flux_ids");
        Map<String, NDArray> got = new HashMap<>();
        got.put(
                "out.sd3_pos_64_base4_max6",
                new SinCosPositions(64, 4, 1).of(6, 6, like).squeeze(0));
        got.put(
                "out.pixart_pos_48_h3_w5_base4_scale2",
                new SinCosPositions(48, 4, 2).of(3, 5, like).squeeze(0));
        turns(file, "flux", "axes_dims_rope", false, got);
        turns(file, "flux2", "axes_dims", false, got);
        turns(file, "z_image", "axes_dims", true, got);
        file.compare(comparison, got, Set.of());
    }

    /** Cosines and sines, which the reference has once for each channel, or once for each pair. */
    private static void turns(CaseFile file, String model, String axes, boolean pairs, Map<String, NDArray> got)
            throws IOException {
        Config settings = Config.of("scalars", file.scalars()).section(model);
        String name = pairs ? "z" : model;
        NDArray ids = file.in(name + "_ids");
        NDArray table = new RotaryEmbedding(settings.integers(axes), settings.real("theta"), pairs)
                .table(Positions.of(ids), ids);
        List<String> kinds = List.of("cos", "sin");
        for (int i = 0; i < kinds.size(); i++) {
            NDArray each = table.get("..., " + i);
            got.put("out." + name + "_rope_" + kinds.get(i), pairs ? each : each.repeat(1, 2));
        }
    }
}
