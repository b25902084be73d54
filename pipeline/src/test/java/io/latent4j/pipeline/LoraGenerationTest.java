package io.latent4j.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.latent4j.core.random.NoiseSource;
import io.latent4j.core.weights.SafeTensors;
import io.latent4j.lora.Lora;
import io.latent4j.lora.LoraFuser;
import io.latent4j.lora.LoraUse;
import io.latent4j.lora.StrengthSchedule;
import io.latent4j.pipeline.model.Components;
import io.latent4j.pipeline.request.GenerationRequest;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Adapters in a whole run. */
@ExtendWith(EmbeddedParts.class)
class LoraGenerationTest {
    private static final GenerationRequest REQUEST = new GenerationRequest("a red circle on a white background")
            .withSeed(0)
            .withSteps(3);

    @TempDir
    private static Path folder;

    private static Components parts;
    private static TextToImagePipeline pipeline;
    private static Lora ink;
    private static Lora fog;

    @BeforeAll
    static void load(Components embedded) throws IOException {
        parts = embedded;
        pipeline = new TextToImagePipeline(parts);
        ink = parts.lora(AdapterFile.write(folder.resolve("ink.safetensors"), 1));
        fog = parts.lora(AdapterFile.write(folder.resolve("fog.safetensors"), 2));
        pipeline = pipeline.withAdapters(ink, fog);
    }

    @AfterAll
    static void close() {
        ink.close();
        fog.close();
    }

    /** The final latents, which have all the bits that an image rounds away. */
    private static float[] latents(LoraUse... uses) {
        try (NDManager manager = parts.manager().newSubManager()) {
            return pipeline.latents(manager, AdapterUses.with(REQUEST, uses), NoiseSource.perImage(0, 1), Progress.NONE)
                    .toFloatArray();
        }
    }

    @Test
    void aRequestWithoutThemIsAsItWasBeforeBitForBit() {
        float[] before = latents();
        assertThat(latents(ink.at(0.8))).isNotEqualTo(before);
        assertThat(latents(ink.at(0))).containsExactly(before);
        assertThat(latents()).containsExactly(before);
    }

    @Test
    void concurrentRequestsWithDifferentOnesAreAsAloneBitForBit() throws Exception {
        float[] one = latents(ink.at(0.8));
        float[] other = latents(fog.at(0.5), ink.at(-0.3));
        ExecutorService threads = Executors.newFixedThreadPool(3);
        try {
            Future<float[]> first = threads.submit(() -> latents(ink.at(0.8)));
            Future<float[]> second = threads.submit(() -> latents(fog.at(0.5), ink.at(-0.3)));
            Future<float[]> third = threads.submit(() -> latents());
            assertThat(first.get()).containsExactly(one);
            assertThat(second.get()).containsExactly(other);
            assertThat(third.get()).containsExactly(latents());
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void textEncoderAndUnetHaveStrengthsOfTheirOwn() {
        float[] unet = latents(ink.at(0.8, 0));
        float[] text = latents(ink.at(0, 0.8));
        assertThat(unet).isNotEqualTo(text).isNotEqualTo(latents());
        assertThat(text).isNotEqualTo(latents()).isNotEqualTo(latents(ink.at(0.8)));
    }

    @Test
    void aScheduleIsTheStrengthOfEachStep() {
        float[] half = latents(ink.at(0.5, 1));
        LoraUse full = ink.at(1, 1);
        assertThat(latents(full.withSchedule(StrengthSchedule.of(Map.of(0.0, 0.5)))))
                .containsExactly(half);
        assertThat(latents(full.withSchedule(StrengthSchedule.of(Map.of(0.0, 0.0, 1.0, 0.0)))))
                .containsExactly(latents(ink.at(0, 1)));
        float[] rising = latents(full.withSchedule(StrengthSchedule.of(Map.of(0.0, 0.0, 1.0, 1.0))));
        assertThat(rising).isNotEqualTo(latents(full)).isNotEqualTo(half);
        assertThat(latents(full.withSchedule(StrengthSchedule.of(Map.of(0.0, 0.0, 1.0, 1.0)))))
                .containsExactly(rising);
    }

    @Test
    void tellsOfBlocksThatTheAdapterHasNot() {
        LoraUse use = ink.at(0.8).withBlocks(Map.of("sideways.*", 0.5));
        assertThat(pipeline.generate(AdapterUses.with(REQUEST, use)).warnings())
                .containsExactly("the adapter ink has no layers that fit sideways.*; expected patterns such as"
                        + " down_blocks.*");
    }

    @Test
    void fusedMakesTheSameImage() {
        float[] before = latents();
        GenerationRequest request = AdapterUses.with(REQUEST, ink.at(0.8));
        BufferedImage applied = pipeline.generate(request).image();
        try (LoraFuser fuser = LoraFuser.fuse(List.of(ink.at(0.8)))) {
            assertThat(Differences.largest(pipeline.generate(REQUEST).image(), applied))
                    .isLessThanOrEqualTo(1);
        }
        assertThat(latents()).containsExactly(before);
    }

    @Test
    void leavesNoArraysBehind() throws Exception {
        LoraUse rising = fog.at(0.2).withSchedule(StrengthSchedule.of(Map.of(0.0, 0.0, 1.0, 1.0)));
        GenerationRequest request = AdapterUses.with(REQUEST, ink.at(0.8), rising);
        pipeline.generate(request);
        ManagedArrays.staysTheSame(parts, () -> {
            for (int i = 0; i < 3; i++) {
                pipeline.generate(request);
                parts.lora(folder.resolve("ink.safetensors")).close();
            }
        });
    }

    @Test
    void standInTheParametersAsTags() {
        Generation generation = pipeline.generate(AdapterUses.with(REQUEST, ink.at(0.8), fog.at(0.5, 1)));
        assertThat(generation.results().get(0).parameters())
                .startsWith("a red circle on a white background <lora:ink:0.8> <lora:fog:1:0.5>\nSteps: 3,");
        assertThat(generation.warnings()).isEmpty();
    }

    @Test
    void warnsOfLayersThatTheModelHasNot() throws IOException {
        Path file = folder.resolve("more.safetensors");
        try (SafeTensors stored = SafeTensors.open(folder.resolve("ink.safetensors"));
                NDManager manager = NDManager.newBaseManager()) {
            Map<String, NDArray> tensors = new HashMap<>();
            for (String name : stored.tensors().keySet()) {
                tensors.put(name, stored.read(name, manager));
            }
            tensors.put("lora_unet_nowhere.lora_down.weight", manager.ones(new Shape(1, 4)));
            tensors.put("lora_unet_nowhere.lora_up.weight", manager.ones(new Shape(4, 1)));
            SafeTensors.write(file, tensors, Map.of());
        }
        try (Lora more = parts.lora(file)) {
            assertThat(pipeline.withAdapters(more)
                            .generate(AdapterUses.with(REQUEST, more.at(1)))
                            .warnings())
                    .singleElement()
                    .asString()
                    .startsWith("the adapter more has 1 of ")
                    .endsWith("layers that this model has not, lora_unet_nowhere for instance; it is ignored");
        }
    }

    @Test
    void refusesOneThatWasReadForOtherWeights() throws IOException {
        try (Components others = Components.embedded(Device.cpu(), DataType.FLOAT32);
                Lora foreign = others.lora(folder.resolve("ink.safetensors"))) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> pipeline.withAdapters(foreign).generate(AdapterUses.with(REQUEST, foreign.at(1))))
                    .withMessageContaining("the adapter ink was read for another model's weights");
        }
    }
}
