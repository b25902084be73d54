package io.latent4j.lora;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import io.latent4j.core.fuzz.Untrusted;
import io.latent4j.core.weights.SafeTensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;

/**
 * Adapter files that are whole but hold any names, shapes, alphas and PEFT settings: each is bound, with every tensor a
 * layer's, a word's or reported, or refused with the file's name. Run with {@code JAZZER_FUZZ=1} this searches for new
 * inputs; otherwise it tries the ones beside it.
 */
class AdapterTensorsFuzzTest {
    private static final String[] BEGINNINGS = {
        "", "unet.", "lora_unet_", "lora_te_", "text_encoder.", "base_model.model.", "bundle_emb.", "lycoris_"
    };
    private static final String[] LAYERS = {
        TestModel.Q, TestModel.OUT, TestModel.CONV, "conv_out", TestModel.Q.replace('.', '_'), "x.self_attn", "a b"
    };
    private static final String[] ENDINGS = {
        ".lora_down.weight",
        ".lora_up.weight",
        ".lora_mid.weight",
        ".lora_A.weight",
        ".lora_B.weight",
        ".lora_magnitude_vector",
        ".alpha",
        ".dora_scale",
        ".hada_w1_a",
        ".hada_w1_b",
        ".hada_w2_a",
        ".hada_w2_b",
        ".hada_t1",
        ".lokr_w1",
        ".lokr_w2",
        ".lokr_w2_a",
        ".lokr_w2_b",
        ".to_q_lora.down.weight",
        ".processor.to_q_lora.up.weight",
        ".string_to_param.*",
        ".clip_l",
        ".diff"
    };
    private static final int MOST_TENSORS = 12;
    private static final int LARGEST_SIDE = 9;

    @BeforeAll
    static void loadEngine() {
        Untrusted.loadEngine();
    }

    @FuzzTest
    void everyTensorIsUsedOrReported(FuzzedDataProvider data) throws IOException {
        Path path = Files.createTempFile("fuzz", ".safetensors");
        try (NDManager manager = NDManager.newBaseManager()) {
            Map<String, NDArray> tensors = new HashMap<>();
            int count = data.consumeInt(0, MOST_TENSORS);
            for (int i = 0; i < count; i++) {
                String name = data.pickValue(BEGINNINGS) + data.pickValue(LAYERS) + data.pickValue(ENDINGS);
                long[] shape = new long[data.consumeInt(0, 4)];
                for (int axis = 0; axis < shape.length; axis++) {
                    shape[axis] = data.consumeInt(1, LARGEST_SIDE);
                }
                tensors.put(name, manager.full(new Shape(shape), data.consumeRegularFloat()));
            }
            Map<String, String> header =
                    data.consumeBoolean() ? Map.of(PeftSettings.METADATA, data.consumeRemainingAsString()) : Map.of();
            try {
                SafeTensors.write(path, tensors, header);
            } catch (IllegalArgumentException e) {
                return; // a header that no file can have
            }
            bind(path, tensors.size(), manager);
        } finally {
            Files.delete(path);
        }
    }

    private static void bind(Path path, int tensors, NDManager manager) throws IOException {
        TestModel model = TestModel.random(manager);
        try {
            LoraFile file = LoraFile.read(path);
            int layers = file.layers().stream()
                    .mapToInt(layer -> layer.tensors().size())
                    .sum();
            assertThat(layers + file.bundled().size() + file.report().unread().size())
                    .isEqualTo(tensors);
            try (Lora lora = Lora.load(path, model.adaptable(), manager)) {
                assertThat(lora.report().matched()).isPositive();
                LoraUse.adapters(List.of(lora.at(0.5)), LoraPart.UNET, manager);
                LoraFuser.fuse(List.of(lora.at(0.5))).close();
            }
        } catch (IOException | IllegalArgumentException e) {
            assertThat(e).hasMessageStartingWith(path + ": ").hasMessageContaining("; expected ");
        }
    }
}
