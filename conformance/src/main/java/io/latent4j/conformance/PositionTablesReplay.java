package io.latent4j.conformance;

import ai.djl.ndarray.NDArray;
import io.latent4j.transformer.layers.SinCosPositions;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/** The positions of patches. */
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
        file.compare(comparison, got, Set.of());
    }
}
