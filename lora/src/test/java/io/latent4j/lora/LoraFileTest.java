package io.latent4j.lora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.latent4j.core.weights.SafeTensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LoraFileTest {
    @TempDir
    private Path folder;

    private NDManager manager;

    @BeforeEach
    void open() {
        manager = NDManager.newBaseManager();
    }

    @AfterEach
    void close() {
        manager.close();
    }

    private Path write(Map<String, NDArray> tensors, Map<String, String> metadata) throws IOException {
        Path file = folder.resolve("adapter.safetensors");
        SafeTensors.write(file, tensors, metadata);
        return file;
    }

    private void refuses(Map<String, NDArray> tensors, String... messages) throws IOException {
        Path file = write(tensors, Map.of());
        assertThatThrownBy(() -> LoraFile.read(file))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith(file + ": ")
                .hasMessageContainingAll(messages);
    }

    @Test
    void reportsWhatIsInAFile() throws IOException {
        Map<String, NDArray> tensors = new TreeMap<>(TestModel.lowRank(manager, 1));
        tensors.put(TestModel.KOHYA_Q + ".alpha", manager.create(1.5f));
        tensors.put("a.b.lora_A.weight", manager.ones(new Shape(4, 768)));
        tensors.put("a.b.lora_B.weight", manager.ones(new Shape(6, 4)));
        tensors.put("a.b.lora_magnitude_vector", manager.ones(new Shape(6)));
        tensors.put("unknown", manager.ones(new Shape(1)));
        LoraReport report = LoraFile.read(write(tensors, Map.of("ss_base_model_version", "sd_1.5")))
                .report();

        assertThat(report.namings()).containsExactly(LoraNaming.KOHYA, LoraNaming.PEFT);
        assertThat(report.kinds()).isEqualTo(Map.of("LoRA", 1, "LoRA with DoRA", 1));
        assertThat(report.ranks()).containsExactly(2L, 4L);
        assertThat(report.alphas()).containsExactly(1.5);
        assertThat(report.layers()).isEqualTo(2);
        assertThat(report.unread()).containsExactly("unknown");
        assertThat(report.madeFor()).contains("sd_1.5");
        assertThat(report.metadata()).containsEntry("ss_base_model_version", "sd_1.5");
    }

    /** Every tensor is a layer's, a word's or unread. */
    @Test
    void nothingInAFileVanishes() throws IOException {
        Map<String, NDArray> tensors = new TreeMap<>(TestModel.lowRank(manager, 1));
        tensors.put("bundle_emb.my word.string_to_param.*", manager.ones(new Shape(2, 4)));
        tensors.put("bundle_emb.two.parts.clip_l", manager.ones(new Shape(1, 4)));
        tensors.put("bundle_emb.two.parts.clip_g", manager.ones(new Shape(1, 4)));
        tensors.put("bundle_emb.odd.t5", manager.ones(new Shape(1, 4)));
        tensors.put("lora_unet_nothing.alpha", manager.create(1f));
        LoraReport report = LoraFile.read(write(tensors, Map.of())).report();
        assertThat(report.layers()).isEqualTo(1);
        assertThat(report.words()).containsExactlyInAnyOrder("my word", "two.parts");
        assertThat(report.unread()).containsExactlyInAnyOrder("bundle_emb.odd.t5", "lora_unet_nothing.alpha");
        assertThat(report.warnings())
                .singleElement()
                .asString()
                .startsWith("the adapter adapter has 2 tensors that are no adapter's, ")
                .endsWith(" for instance; they are ignored");
    }

    @Test
    void scalesByAlphaOverRankOrNotAtAll() throws IOException {
        Map<String, NDArray> tensors = new TreeMap<>(TestModel.lowRank(manager, 1));
        assertThat(factor(write(tensors, Map.of()))).isEqualTo(1);
        tensors.put(TestModel.KOHYA_Q + ".alpha", manager.create(0.5f));
        assertThat(factor(write(tensors, Map.of()))).isEqualTo(0.25);
    }

    @Test
    void takesAlphaFromPeftsSettings() throws IOException {
        Map<String, NDArray> tensors = Map.of(
                "unet.a.to_q.lora_A.weight", manager.ones(new Shape(4, 3)),
                "unet.a.to_q.lora_B.weight", manager.ones(new Shape(5, 4)));
        String key = "lora_adapter_metadata";
        assertThat(factor(write(tensors, Map.of(key, "{\"unet.lora_alpha\": 2, \"unet.r\": 4}"))))
                .isEqualTo(0.5);
        assertThat(factor(write(tensors, Map.of(key, "{\"text_encoder.lora_alpha\": 2}"))))
                .isEqualTo(1);
        assertThat(factor(write(tensors, Map.of(key, "{\"unet.lora_alpha\": 2, \"unet.use_rslora\": true}"))))
                .isEqualTo(1);
        assertThat(factor(write(
                        tensors,
                        Map.of(key, "{\"unet.lora_alpha\": 2, \"unet.alpha_pattern\": {\"to_q\": 8, \"q\": 1}}"))))
                .isEqualTo(2);
    }

    @Test
    void takesAlphaFromTheConfigBesideAPeftFile() throws IOException {
        Files.writeString(folder.resolve("adapter_config.json"), "{\"r\": 4, \"lora_alpha\": 12}");
        Path file = folder.resolve("adapter_model.safetensors");
        SafeTensors.write(
                file,
                Map.of(
                        "base_model.model.a.lora_A.weight", manager.ones(new Shape(4, 3)),
                        "base_model.model.a.lora_B.weight", manager.ones(new Shape(5, 4))),
                Map.of());
        assertThat(factor(file)).isEqualTo(3);
    }

    private static double factor(Path file) throws IOException {
        LoraFile read = LoraFile.read(file);
        return read.factor(read.layers().iterator().next());
    }

    @Test
    void refusesSettingsThatAreNoJson() throws IOException {
        Path file = write(TestModel.lowRank(manager, 1), Map.of("lora_adapter_metadata", "alpha=2"));
        assertThatThrownBy(() -> LoraFile.read(file))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("lora_adapter_metadata is not a JSON object");
    }

    @Test
    void refusesAFileWithoutAnAdapter() throws IOException {
        refuses(
                Map.of("conv_in.weight", manager.ones(new Shape(2))),
                "holds no adapter; found conv_in.weight; expected names that end with .lora_down.weight");
    }

    @Test
    void refusesKindsThatItDoesNotKnowHowToApply() throws IOException {
        Map<String, NDArray> tensors = new TreeMap<>(TestModel.lowRank(manager, 1));
        tensors.put("lora_unet_conv_out.oft_blocks", manager.ones(new Shape(2, 2)));
        refuses(tensors, "lora_unet_conv_out.oft_blocks is of a kind that is not supported, OFT; expected LoRA");
    }

    @Test
    void refusesHalfALayer() throws IOException {
        Map<String, NDArray> tensors = new TreeMap<>(TestModel.lowRank(manager, 1));
        tensors.remove(TestModel.KOHYA_Q + ".lora_up.weight");
        refuses(tensors, TestModel.KOHYA_Q + ".lora_down.weight", "but no UP tensor", "damaged or was cut");
    }

    @Test
    void refusesAnAlphaThatIsNoNumber() throws IOException {
        Map<String, NDArray> tensors = new TreeMap<>(TestModel.lowRank(manager, 1));
        tensors.put(TestModel.KOHYA_Q + ".alpha", manager.create(Float.NaN));
        refuses(tensors, ".alpha is NaN; expected a finite number");
        tensors.put(TestModel.KOHYA_Q + ".alpha", manager.ones(new Shape(2)));
        refuses(tensors, ".alpha is (2); expected one number");
    }

    @Test
    void tellsAdaptersFromModels() {
        assertThat(LoraFile.isAdapter(Set.of("a.lora_down.weight"))).isTrue();
        assertThat(LoraFile.isAdapter(List.of("a.weight", "a.alpha"))).isFalse();
    }
}
