package io.latent4j.lora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.latent4j.core.nn.Linear;
import io.latent4j.core.nn.NamedBlock;
import io.latent4j.core.random.TorchRandom;
import io.latent4j.core.weights.Checkpoint;
import io.latent4j.core.weights.OriginalLayer;
import io.latent4j.core.weights.OriginalLayout;
import io.latent4j.core.weights.StoredType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Adapters whose layers are those of the layout in which a model was published. */
class OriginalLayoutTest {
    private static final String FUSED = "lora_unet_blocks_0_qkv";
    private static final List<Integer> ROWS = List.of(6, 2, 4);

    @TempDir
    private Path folder;

    private NDManager manager;
    private Network model;

    /** Queries, keys and values of different widths, and a modulation. */
    private static final class Network extends NamedBlock implements OriginalLayout {
        Network(NDManager manager) {
            for (int i = 0; i < ROWS.size(); i++) {
                child("attn." + "qkv".charAt(i), new Linear(4, ROWS.get(i)));
            }
            child("norm", new Linear(4, 6));
            TorchRandom random = new TorchRandom(3);
            load("random", shapes(), key -> random.normal(manager, shapes().get(key)));
        }

        @Override
        public List<OriginalLayer> originalLayers() {
            return List.of(
                    OriginalLayer.fused("blocks.0.qkv", List.of("attn.q", "attn.k", "attn.v")),
                    OriginalLayer.swapped("blocks.0.modulation", "norm"));
        }

        @Override
        public List<OriginalLayer> adapterLayers() {
            return List.of(OriginalLayer.of("blocks.0.processor.proj_lora", "norm"));
        }
    }

    @BeforeEach
    void open() {
        manager = NDManager.newBaseManager();
        model = new Network(manager);
    }

    @AfterEach
    void close() {
        manager.close();
    }

    private AdaptableModel adaptable() {
        return new AdaptableModel(
                new AdapterNames(Map.of(
                        LoraPart.UNET,
                        new AdapterNames.Part(
                                "lora_unet_",
                                "transformer.",
                                List.of("diffusion_model."),
                                AdapterNames.Aliases.NONE,
                                false))),
                Map.of(LoraPart.UNET, model));
    }

    private Lora load(Map<String, NDArray> tensors) throws IOException {
        return Lora.load(TestModel.write(folder.resolve("a.safetensors"), tensors), adaptable(), manager);
    }

    private NDArray weight(String layer) {
        return model.getParameters().get(layer + ".weight").getArray();
    }

    /** All rows of queries, keys and values. */
    private NDArray rows() {
        return NDArrays.concat(new NDList(weight("attn.q"), weight("attn.k"), weight("attn.v")));
    }

    private static Map<String, Shape> lowRank(String layer, long out) {
        return Map.of(layer + ".lora_down.weight", new Shape(2, 4), layer + ".lora_up.weight", new Shape(out, 2));
    }

    @Test
    void splitsTheRowsOfSeveralLayersAsOne() throws IOException {
        Map<String, NDArray> tensors = new TreeMap<>(TestModel.random(manager, 1, lowRank(FUSED, 12)));
        tensors.put(FUSED + ".alpha", manager.create(1f));
        NDArray changed = rows().add(tensors.get(FUSED + ".lora_up.weight")
                .matMul(tensors.get(FUSED + ".lora_down.weight"))
                .mul(0.5));
        NDArray before = rows();
        try (Lora lora = load(tensors)) {
            assertThat(lora.report().warnings()).isEmpty();
            assertThat(lora.report().matched()).isEqualTo(1);
            try (LoraFuser fuser = LoraFuser.fuse(List.of(lora.at(1)))) {
                assertThat(rows().sub(changed).abs().max().getFloat()).isLessThan(1e-5f);
            }
            assertThat(rows()).isEqualTo(before);
        }
    }

    @Test
    void splitsLoHaAndLengthsOfRows() throws IOException {
        Map<String, NDArray> tensors = TestModel.random(
                manager,
                2,
                Map.of(
                        FUSED + ".hada_w1_a", new Shape(12, 2),
                        FUSED + ".hada_w1_b", new Shape(2, 4),
                        FUSED + ".hada_w2_a", new Shape(12, 2),
                        FUSED + ".hada_w2_b", new Shape(2, 4),
                        FUSED + ".dora_scale", new Shape(12, 1)));
        NDArray change = tensors.get(FUSED + ".hada_w1_a")
                .matMul(tensors.get(FUSED + ".hada_w1_b"))
                .mul(tensors.get(FUSED + ".hada_w2_a").matMul(tensors.get(FUSED + ".hada_w2_b")));
        NDArray sum = rows().add(change);
        NDArray lengths = sum.square().sum(new int[] {1}, true).sqrt();
        NDArray changed = sum.div(lengths).mul(tensors.get(FUSED + ".dora_scale"));
        try (Lora lora = load(tensors);
                LoraFuser fuser = LoraFuser.fuse(List.of(lora.at(1)))) {
            assertThat(fuser).isNotNull();
            assertThat(rows().sub(changed).abs().max().getFloat()).isLessThan(1e-5f);
        }
    }

    /** The shift comes first in the file and second here. */
    @Test
    void swapsTheHalvesOfAModulation() throws IOException {
        String name = "diffusion_model.blocks.0.modulation";
        Map<String, NDArray> tensors = TestModel.random(
                manager, 1, Map.of(name + ".lora_A.weight", new Shape(2, 4), name + ".lora_B.weight", new Shape(6, 2)));
        NDArray change = tensors.get(name + ".lora_B.weight").matMul(tensors.get(name + ".lora_A.weight"));
        NDArray changed = weight("norm").add(change.get("3:").concat(change.get(":3")));
        try (Lora lora = load(tensors);
                LoraFuser fuser = LoraFuser.fuse(List.of(lora.at(1)))) {
            assertThat(fuser).isNotNull();
            assertThat(weight("norm").sub(changed).abs().max().getFloat()).isLessThan(1e-5f);
        }
    }

    @Test
    void readsNamesThatOnlyAdaptersHave() throws IOException {
        String name = "blocks.0.processor.proj_lora";
        try (Lora lora = load(TestModel.random(
                manager, 1, Map.of(name + ".down.weight", new Shape(2, 4), name + ".up.weight", new Shape(6, 2))))) {
            assertThat(lora.report().namings()).containsExactly(LoraNaming.XLABS);
            assertThat(lora.report().warnings()).isEmpty();
        }
    }

    @Test
    void refusesRowsThatAreNotThoseOfTheLayers() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> load(TestModel.random(manager, 1, lowRank(FUSED, 10))))
                .withMessageContaining(FUSED + ".lora_up.weight is (10, 2); expected (12, 2)");
    }

    @Test
    void refusesKindsThatHaveNoRowsOfTheirOwn() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> load(TestModel.random(
                        manager, 1, Map.of(FUSED + ".lokr_w1", new Shape(2, 2), FUSED + ".lokr_w2", new Shape(6, 2)))))
                .withMessageContaining(FUSED + " is LoKr");
    }

    @Test
    void refusesASecondAdapterOfOneOfTheLayers() {
        Map<String, NDArray> tensors = new TreeMap<>(TestModel.random(manager, 1, lowRank(FUSED, 12)));
        tensors.putAll(TestModel.random(manager, 2, lowRank("lora_unet_attn_k", 2)));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> load(tensors))
                .withMessageContaining("is a second adapter of attn.k");
    }

    /** A file under other names has the layers of this model, and does the same. */
    @Test
    void writesTheLayersOfTheModel() throws IOException {
        Path copy = folder.resolve("copy.safetensors");
        NDArray changed;
        try (Lora lora = load(TestModel.random(manager, 1, lowRank(FUSED, 12)));
                EditedLora edited = EditedLora.of(lora, manager)) {
            edited.write(copy, LoraNaming.PEFT, Map.of(), StoredType.F32);
            try (LoraFuser fuser = LoraFuser.fuse(List.of(lora.at(1)))) {
                assertThat(fuser).isNotNull();
                changed = rows();
            }
        }
        try (Checkpoint file = Checkpoint.open(copy)) {
            assertThat(file.tensors()).hasSize(6).containsKey("transformer.attn.k.lora_B.weight");
        }
        try (Lora lora = Lora.load(copy, adaptable(), manager);
                LoraFuser fuser = LoraFuser.fuse(List.of(lora.at(1)))) {
            assertThat(fuser).isNotNull();
            assertThat(rows().sub(changed).abs().max().getFloat()).isLessThan(1e-5f);
        }
    }
}
