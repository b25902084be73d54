package io.latent4j.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import io.latent4j.core.nn.Pass;
import io.latent4j.core.weights.SafeTensors;
import io.latent4j.core.weights.StoredType;
import io.latent4j.lora.Lora;
import io.latent4j.lora.LoraPart;
import io.latent4j.lora.LoraUse;
import io.latent4j.pipeline.TextToImagePipeline;
import io.latent4j.pipeline.model.Components;
import io.latent4j.pipeline.model.Conditioning;
import io.latent4j.pipeline.request.AdapterUse;
import io.latent4j.pipeline.request.GenerationRequest;
import io.latent4j.textencoder.LearnedWord;
import io.latent4j.training.config.StartOptions;
import io.latent4j.training.data.ArrayCache;
import io.latent4j.training.model.CachedConditioner;
import io.latent4j.training.model.ModelConditioner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Adapters and words of a model of SDXL's shape, with two text encoders. */
class XlTuningTest {
    private static final GenerationRequest REQUEST =
            new GenerationRequest("a <moon>").withSeed(0).withSize(16, 16).withSteps(1);

    @TempDir
    private static Path folder;

    @BeforeAll
    static void write() throws IOException {
        TinyXl.write(folder.resolve("xl"));
        PlainImages.write(folder.resolve("images"), 2, 16);
    }

    private static Path run(String text) throws IOException {
        return Files.writeString(folder.resolve("run.yaml"), """
                model: xl
                data: {folder: images, prompt: "a <moon>", set_aside: 0, size: 16}
                training: {steps: 2, batch: 2, rate: 1e-2, log_every: 1}
                """ + text);
    }

    private static int[] pixels(Components parts, LoraUse... loras) {
        Map<String, Lora> adapters = new LinkedHashMap<>();
        Stream.of(loras).forEach(use -> adapters.put(use.lora().name(), use.lora()));
        List<AdapterUse> uses = Stream.of(loras)
                .map(use -> new AdapterUse(use.lora().name()).withStrengths(use.unetStrength(), use.textStrength()))
                .toList();
        return new TextToImagePipeline(parts)
                .withAdapters(adapters)
                .generate(REQUEST.withAdapters(uses))
                .image()
                .getRGB(0, 0, 16, 16, null, 0, 16);
    }

    @Test
    void aWordIsLearnedForBothEncoders() throws IOException {
        Path file = run("output: words-run\nwords: {tokens: [<moon>], initial: [circle], vectors: 2}\n");
        List<Double> losses = new ArrayList<>();
        try (NDManager manager = NDManager.newBaseManager();
                TextualInversionTraining training = TextualInversionTraining.open(
                        file, new StartOptions(false, List.of()), manager, new Silent(losses::add))) {
            List<float[]> first = training.words().get(0).vectors().stream()
                    .map(vectors -> vectors.toFloatArray())
                    .toList();
            Path words = training.run().orElseThrow();
            assertThat(losses).hasSize(2).allMatch(Double::isFinite);
            LearnedWord moon = LearnedWord.read(words.resolve("moon.safetensors"), Optional.empty(), manager);
            assertThat(moon.token()).isEqualTo("<moon>");
            for (int i = 0; i < 2; i++) {
                assertThat(moon.vectors().get(i).toFloatArray()).isNotEqualTo(first.get(i));
                assertThat(moon.vectors().get(i))
                        .isEqualTo(training.words().get(0).vectors().get(i));
            }
            assertThat(pixels(training.parts().withWords(List.of(moon)))).isNotEqualTo(pixels(training.parts()));
        }
    }

    @Test
    void anAdapterHasTheNamesThatOtherProgramsReadAndIsReadAgain() throws IOException {
        Path file = run("output: lora-run\nadapter: {rank: 2, text_encoder: {train: true}, file: {type: f32}}\n");
        List<Double> losses = new ArrayList<>();
        try (NDManager manager = NDManager.newBaseManager();
                LoraTraining training =
                        LoraTraining.open(file, new StartOptions(false, List.of()), manager, new Silent(losses::add))) {
            Path written = training.run().orElseThrow();
            assertThat(losses).hasSize(2).allMatch(Double::isFinite);
            try (SafeTensors stored = SafeTensors.open(written)) {
                assertThat(stored.tensors().keySet())
                        .contains(
                                "lora_unet_input_blocks_3_1_transformer_blocks_0_attn1_to_q.lora_up.weight",
                                "lora_te1_text_model_encoder_layers_0_self_attn_q_proj.lora_up.weight",
                                "lora_te2_text_model_encoder_layers_0_self_attn_q_proj.lora_up.weight");
            }
            Components parts = training.parts();
            try (Lora lora = parts.lora(written)) {
                assertThat(lora.report().unmatched()).isEmpty();
                assertThat(pixels(parts, lora.at(1)))
                        .isEqualTo(pixels(parts, training.lora().lora().at(1)))
                        .isNotEqualTo(pixels(parts));
            }
            assertThat(training.lora().factors().values())
                    .extracting(factor -> factor.part())
                    .contains(LoraPart.UNET, LoraPart.TEXT_ENCODER, LoraPart.TEXT_ENCODER_2);
        }
    }

    @Test
    void whatIsToldOfATextIsTheSameWhenItComesFromDisk() throws IOException {
        List<String> texts = List.of("a circle", "a star beside a circle", "");
        try (Components parts = Components.load(folder.resolve("xl"), Device.cpu(), DataType.FLOAT32)) {
            Conditioning read = new ModelConditioner(parts, 1).of(Pass.inference(), parts.manager(), texts);
            Conditioning fresh = kept(parts, texts, 0);
            Conditioning again = kept(parts, texts, 6); // states and summaries
            assertThat(again.context().toFloatArray()).isEqualTo(fresh.context().toFloatArray());
            assertThat(again.get(Conditioning.POOLED).orElseThrow().toFloatArray())
                    .isEqualTo(fresh.get(Conditioning.POOLED).orElseThrow().toFloatArray());
            assertClose(again.context(), read.context());
            assertClose(
                    again.get(Conditioning.POOLED).orElseThrow(),
                    read.get(Conditioning.POOLED).orElseThrow());
        }
    }

    @Test
    void isToldZerosOfAnEmptyTextUnlessTheModelSaysOtherwise() throws IOException {
        Path other = folder.resolve("other");
        TinyXl.write(other);
        Files.writeString(
                other.resolve("model_index.json"),
                "{\"_class_name\": \"StableDiffusionXLPipeline\", \"force_zeros_for_empty_prompt\": false}");
        try (Components zeros = Components.load(folder.resolve("xl"), Device.cpu(), DataType.FLOAT32);
                Components read = Components.load(other, Device.cpu(), DataType.FLOAT32)) {
            Conditioning told = told(zeros);
            Conditioning expected = told(read);
            for (int row = 0; row < 3; row++) {
                NDArray context = told.context().get(row);
                NDArray summary = told.get(Conditioning.POOLED).orElseThrow().get(row);
                if (row == 1) {
                    assertThat(context.abs().max().getFloat()).isZero();
                    assertThat(summary.abs().max().getFloat()).isZero();
                    assertThat(expected.context().get(row).toFloatArray()).doesNotContain(0);
                } else {
                    assertThat(context).isEqualTo(expected.context().get(row));
                    assertThat(summary)
                            .isEqualTo(expected.get(Conditioning.POOLED)
                                    .orElseThrow()
                                    .get(row));
                }
            }
            try (ArrayCache cache = ArrayCache.open(folder.resolve("both"), "texts", StoredType.F16, warning -> {})) {
                CachedConditioner.of(new ModelConditioner(zeros, 1), cache).prepare(List.of(""));
                CachedConditioner again =
                        CachedConditioner.of(new ModelConditioner(read, 1), cache); // same weights, other key
                assertThat(again.of(Pass.inference(), read.manager(), List.of(""))
                                .context()
                                .toFloatArray())
                        .doesNotContain(0);
            }
        }
    }

    private static Conditioning told(Components parts) {
        return new ModelConditioner(parts, 1).of(Pass.inference(), parts.manager(), List.of("a circle", "", "a star"));
    }

    private static Conditioning kept(Components parts, List<String> texts, int found) throws IOException {
        try (ArrayCache cache = ArrayCache.open(folder.resolve("kept"), "texts", StoredType.F16, warning -> {})) {
            assertThat(cache.size()).isEqualTo(found);
            CachedConditioner kept = CachedConditioner.of(new ModelConditioner(parts, 1), cache);
            kept.prepare(texts);
            return kept.of(Pass.inference(), parts.manager(), texts);
        }
    }

    private static void assertClose(NDArray kept, NDArray read) {
        assertThat(kept.getShape()).isEqualTo(read.getShape());
        float[] expected = read.toFloatArray();
        float[] found = kept.toFloatArray();
        for (int i = 0; i < found.length; i++) {
            assertThat(found[i]).isCloseTo(expected[i], within(1e-3f + 1e-3f * Math.abs(expected[i])));
        }
    }
}
