package io.latent4j.lora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.latent4j.core.nn.Pass;
import io.latent4j.core.random.TorchRandom;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LoraFuserTest {
    @TempDir
    private Path folder;

    @Test
    void fusedEqualsAppliedAndComesOutBitForBit() throws IOException {
        try (NDManager manager = NDManager.newBaseManager()) {
            TestModel model = TestModel.random(manager);
            Map<String, NDArray> dora = new TreeMap<>(TestModel.lowRank(manager, 2));
            dora.put(TestModel.KOHYA_Q + ".dora_scale", manager.ones(new Shape(1, 4)));
            NDArray x = new TorchRandom(5).normal(manager, new Shape(3, 4));
            float[] weight = model.weight(TestModel.Q);
            try (Lora a = Lora.load(
                            TestModel.write(folder.resolve("a.safetensors"), TestModel.lowRank(manager, 1)),
                            model.adaptable(),
                            manager);
                    Lora b = Lora.load(
                            TestModel.write(folder.resolve("b.safetensors"), dora), model.adaptable(), manager)) {
                List<LoraUse> uses = List.of(a.at(0.8), b.at(0.5), a.at(0));
                float[] applied = model.forward(
                                Pass.inference().withAdapters(LoraUse.adapters(uses, LoraPart.UNET, manager)), x)
                        .toFloatArray();
                try (LoraFuser fuser = LoraFuser.fuse(uses)) {
                    assertThat(model.weight(TestModel.Q)).isNotEqualTo(weight);
                    float[] fused = model.forward(Pass.inference(), x).toFloatArray();
                    for (int i = 0; i < fused.length; i++) {
                        assertThat(fused[i]).isCloseTo(applied[i], within(1e-4f));
                    }
                    fuser.close();
                    assertThat(model.weight(TestModel.Q)).containsExactly(weight);
                }
                assertThat(model.weight(TestModel.Q)).containsExactly(weight);
                int before = manager.getManagedArrays().size();
                LoraFuser.fuse(uses).close();
                assertThat(manager.getManagedArrays()).hasSize(before);
            }
        }
    }
}
