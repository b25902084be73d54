package io.latent4j.lora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.Shape;
import io.latent4j.core.nn.Pass;
import io.latent4j.core.random.TorchRandom;
import io.latent4j.core.weights.StoredType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EditedLoraTest {
    @TempDir
    private Path folder;

    private NDManager manager;
    private TestModel model;

    @BeforeEach
    void open() {
        manager = NDManager.newBaseManager();
        model = TestModel.random(manager);
    }

    @AfterEach
    void close() {
        manager.close();
    }

    private Lora load(String name, Map<String, NDArray> tensors) throws IOException {
        return Lora.load(TestModel.write(folder.resolve(name + ".safetensors"), tensors), model.adaptable(), manager);
    }

    private Lora written(EditedLora edited, LoraNaming naming) throws IOException {
        Path file = folder.resolve("edited.safetensors");
        edited.write(file, naming, Map.of(), StoredType.F32);
        return Lora.load(file, model.adaptable(), manager);
    }

    @SuppressWarnings("try")
    private float[] output(LoraUse... uses) {
        try (NDScope scope = new NDScope()) {
            Pass pass = Pass.inference().withAdapters(LoraUse.adapters(List.of(uses), LoraPart.UNET, manager));
            NDArray x = new TorchRandom(5).normal(manager, new Shape(3, 4));
            NDArray image = new TorchRandom(6).normal(manager, new Shape(1, 4, 5, 7));
            NDArray linear = model.forward(pass, x).reshape(-1);
            return linear.concat(model.convolve(pass, image).reshape(-1)).toFloatArray();
        }
    }

    private static void assertClose(float[] found, float[] expected) {
        for (int i = 0; i < expected.length; i++) {
            assertThat(found[i]).isCloseTo(expected[i], within(2e-4f));
        }
    }

    private Map<String, NDArray> locon(long seed) {
        return TestModel.random(
                manager,
                seed,
                Map.of(
                        TestModel.KOHYA_CONV + ".lora_down.weight", new Shape(2, 4, 3, 3),
                        TestModel.KOHYA_CONV + ".lora_up.weight", new Shape(6, 2, 1, 1)));
    }

    @Test
    void severalSideBySideDoWhatTheyDoTogether() throws IOException {
        try (Lora a = load("a", TestModel.lowRank(manager, 1));
                Lora b = load("b", TestModel.lowRank(manager, 2));
                Lora c = load("c", locon(3));
                EditedLora merged =
                        EditedLora.merged(List.of(a.at(0.5), b.at(-2), c.at(0.3)), OptionalInt.empty(), manager);
                Lora together = written(merged, LoraNaming.KOHYA)) {
            assertClose(output(together.at(1)), output(a.at(0.5), b.at(-2), c.at(0.3)));
            assertThat(together.report().ranks()).containsExactly(2L, 4L);
        }
    }

    @Test
    void aRankThatIsEnoughLosesNothingAndALowerOneIsTheNearest() throws IOException {
        try (Lora a = load("a", locon(3));
                EditedLora enough = EditedLora.resized(a, 2, manager);
                EditedLora less = EditedLora.resized(a, 1, manager);
                Lora same = written(enough, LoraNaming.PEFT)) {
            assertClose(output(same.at(1)), output(a.at(1)));
            assertThat(enough.kept()).isCloseTo(1, within(1e-5));
            assertThat(less.kept()).isBetween(0.5, 0.999);
        }
    }

    @Test
    void worksDoraIntoFactors() throws IOException {
        Map<String, NDArray> tensors = new TreeMap<>(TestModel.lowRank(manager, 1));
        tensors.put(
                TestModel.KOHYA_Q + ".dora_scale",
                manager.create(new float[] {1, 2, 3, 4, 5, 6}).reshape(6, 1));
        try (Lora dora = load("dora", tensors);
                EditedLora edited = EditedLora.resized(dora, 4, manager);
                Lora plain = written(edited, LoraNaming.KOHYA)) {
            assertClose(output(plain.at(1)), output(dora.at(1)));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> EditedLora.merged(List.of(dora.at(1)), OptionalInt.empty(), manager))
                    .withMessageContaining("LoRA with DoRA")
                    .withMessageContaining("expected a rank");
        }
    }

    @Test
    void whatWasFusedIsExtractedAgain() throws IOException {
        TestModel tuned = TestModel.random(manager);
        AdaptableModel other = tuned.adaptable();
        Path file = TestModel.write(folder.resolve("q.safetensors"), TestModel.lowRank(manager, 1));
        try (Lora of = Lora.load(file, other, manager);
                Lora own = Lora.load(file, model.adaptable(), manager);
                LoraFuser fused = LoraFuser.fuse(List.of(of.at(0.7)));
                EditedLora extracted = EditedLora.extracted(model.adaptable(), other, 2, manager);
                Lora found = written(extracted, LoraNaming.DIFFUSERS)) {
            assertThat(extracted.size()).isEqualTo(1);
            assertClose(output(found.at(1)), output(own.at(0.7)));
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> EditedLora.extracted(model.adaptable(), model.adaptable(), 2, manager))
                .withMessageContaining("nothing to make an adapter of");
    }

    @Test
    void takesLearnedWordsAlongAndReportsWhatItCannot() throws IOException {
        Map<String, NDArray> tensors = new TreeMap<>(TestModel.lowRank(manager, 1));
        tensors.put("bundle_emb.fog.emb_params", manager.ones(new Shape(2, 4)));
        tensors.put("stray", manager.ones(new Shape(1)));
        Map<String, NDArray> second = new TreeMap<>(TestModel.lowRank(manager, 2));
        second.put("bundle_emb.fog.emb_params", manager.zeros(new Shape(2, 4)));
        try (Lora a = load("a", tensors);
                Lora b = load("b", second);
                EditedLora merged = EditedLora.merged(List.of(a.at(1), b.at(1)), OptionalInt.empty(), manager);
                Lora found = written(merged, LoraNaming.PEFT)) {
            assertThat(found.words(manager).get("fog").get("emb_params").toFloatArray())
                    .containsOnly(1);
            assertThat(merged.warnings())
                    .containsExactly(
                            "the adapter a has 1 tensor that is no adapter's, stray; it is ignored",
                            "the learned word fog of the adapter b is ignored, as an adapter before it brings one of"
                                    + " this name");
        }
    }

    @Test
    void anExtractionReportsWhatAnAdapterCannotHold() throws IOException {
        TestModel tuned = TestModel.random(manager);
        tuned.getParameters().get(TestModel.OUT + ".bias").getArray().addi(1);
        Path file = TestModel.write(folder.resolve("q.safetensors"), TestModel.lowRank(manager, 1));
        try (Lora of = Lora.load(file, tuned.adaptable(), manager);
                LoraFuser fused = LoraFuser.fuse(List.of(of.at(0.7)));
                EditedLora extracted = EditedLora.extracted(model.adaptable(), tuned.adaptable(), 2, manager)) {
            assertThat(extracted.warnings())
                    .containsExactly("the UNets differ in 1 tensor that no adapter can hold, " + TestModel.OUT
                            + ".bias for instance; it is ignored");
        }
    }

    @Test
    void anotherNamingIsTheSameAdapter() throws IOException {
        try (Lora a = load("a", TestModel.lowRank(manager, 1));
                EditedLora edited = EditedLora.of(a, manager);
                Lora peft = written(edited, LoraNaming.PEFT)) {
            assertThat(output(peft.at(0.6))).containsExactly(output(a.at(0.6)));
            assertThat(peft.report().namings()).containsExactly(LoraNaming.PEFT);
        }
    }
}
