package io.latent4j.pipeline.model;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.latent4j.core.nn.Pass;
import io.latent4j.core.random.TorchRandom;
import io.latent4j.lora.Lora;
import io.latent4j.lora.LoraFuser;
import io.latent4j.lora.LoraPart;
import io.latent4j.lora.LoraUse;
import io.latent4j.pipeline.AdapterFile;
import io.latent4j.pipeline.TextToImagePipeline;
import io.latent4j.pipeline.request.GenerationRequest;
import io.latent4j.textencoder.LearnedWord;
import io.latent4j.textencoder.PromptEncoder;
import io.latent4j.textencoder.PromptSyntax;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TextCacheTest {
    private static final String TEXT = "a red circle";
    private static final GenerationRequest REQUEST =
            new GenerationRequest(TEXT).withSeed(0).withSteps(1);

    @TempDir
    private Path folder;

    private Components parts;
    private final AtomicInteger encodings = new AtomicInteger();

    @BeforeEach
    void open() throws IOException {
        parts = Components.embedded(Device.cpu(), DataType.FLOAT32);
    }

    @AfterEach
    void close() {
        parts.close();
    }

    private float[] states(GenerationRequest request, LoraUse... adapters) {
        return states(parts.texts(), parts, request, adapters);
    }

    @SuppressWarnings("try")
    private float[] states(TextCache cache, Components parts, GenerationRequest request, LoraUse... adapters) {
        try (NDManager manager = parts.manager().newSubManager();
                NDScope scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            Conditioning text = cache.get(key(parts, request, adapters), manager, () -> {
                encodings.incrementAndGet();
                return read(parts, request, part -> passes(List.of(adapters), part, manager), manager);
            });
            return text.context().toFloatArray();
        }
    }

    private static TextCache.Key key(Components parts, GenerationRequest request, LoraUse... adapters) {
        TextOptions options =
                new TextOptions(request.prompt().syntax(), request.prompt().clipSkip());
        return TextCache.Key.of(request.prompt().text(), options, parts.readers(), List.of(adapters));
    }

    private static Conditioning read(
            Components parts, GenerationRequest request, Function<LoraPart, Pass> passes, NDManager manager) {
        return EncodedText.of(
                        parts.readers(),
                        reader -> new PromptEncoder(
                                reader.encoder(),
                                PromptEncoder.Readout.LAST,
                                request.prompt().clipSkip()),
                        request.prompt().text(),
                        request.prompt().syntax(),
                        passes,
                        manager)
                .conditioning();
    }

    private static Pass passes(List<LoraUse> adapters, LoraPart part, NDManager manager) {
        return Pass.inference().withAdapters(LoraUse.adapters(adapters, part, manager));
    }

    @Test
    void aTextIsReadOnce() {
        float[] first = states(REQUEST);
        assertThat(states(REQUEST)).containsExactly(first);
        assertThat(states(REQUEST.withSeed(5).withSteps(9).withNegativePrompt("blue")))
                .containsExactly(first);
        assertThat(encodings).hasValue(1);
        states(REQUEST.withPrompt("a star"));
        states(REQUEST.withClipSkip(2));
        states(REQUEST.withPromptSyntax(PromptSyntax.PLAIN));
        assertThat(encodings).hasValue(4);
    }

    @Test
    void aRunFindsWhatTheLastOneRead() {
        TextToImagePipeline pipeline = new TextToImagePipeline(parts);
        pipeline.generate(REQUEST);
        assertThat(parts.texts().size()).isEqualTo(2);
        states(REQUEST);
        states(REQUEST.withPrompt(""));
        assertThat(encodings).hasValue(0);
        assertThat(parts.withScheduler(parts.scheduler()).texts()).isSameAs(parts.texts());
    }

    @Test
    void keepsAsMuchAsItMayAndForgetsTheLongestUnused() {
        TextCache cache = TextCache.of(parts.readers(), parts.manager(), 3 * 24);
        for (String text : List.of("a", "b", "c", "a", "d")) {
            states(cache, parts, REQUEST.withPrompt(text));
        }
        assertThat(cache.size()).isEqualTo(3);
        assertThat(encodings).hasValue(4);
        for (String text : List.of("a", "c", "d")) {
            states(cache, parts, REQUEST.withPrompt(text));
        }
        assertThat(encodings).hasValue(4);
        states(cache, parts, REQUEST.withPrompt("b"));
        assertThat(encodings).hasValue(5);
        GenerationRequest weighted = REQUEST.withPromptSyntax(PromptSyntax.WEIGHTED);
        states(cache, parts, weighted.withPrompt("a BREAK b BREAK c BREAK d"));
        assertThat(cache.size()).isEqualTo(3);
        states(cache, parts, weighted.withPrompt("a BREAK b BREAK c"));
        assertThat(cache.size()).isEqualTo(1);
        TextCache none = TextCache.of(parts.readers(), parts.manager(), 0);
        states(none, parts, REQUEST);
        assertThat(none.size()).isZero();
    }

    @Test
    void keepsItsArraysOnly() {
        int before = parts.manager().getManagedArrays().size();
        try (NDManager own = parts.manager().newSubManager()) {
            TextCache cache = TextCache.of(parts.readers(), own, 2 * 24);
            for (int i = 0; i < 20; i++) {
                states(cache, parts, REQUEST.withPrompt("a " + i % 5));
            }
            assertThat(own.getManagedArrays()).hasSize(2);
            assertThat(parts.manager().getManagedArrays().size()).isEqualTo(before + 2);
        }
        assertThat(parts.manager().getManagedArrays().size()).isEqualTo(before);
    }

    @Test
    void givesCopies() {
        float[] first = states(REQUEST);
        try (NDManager manager = parts.manager().newSubManager()) {
            NDArray copy = parts.texts()
                    .get(key(parts, REQUEST), manager, () -> read(parts, REQUEST, part -> Pass.inference(), manager))
                    .context();
            copy.muli(0);
        }
        assertThat(states(REQUEST)).containsExactly(first);
        assertThat(encodings).hasValue(1);
    }

    @Test
    void adaptersHaveEncodingsOfTheirOwn() throws IOException {
        float[] plain = states(REQUEST);
        try (Lora ink = parts.lora(AdapterFile.write(folder.resolve("ink.safetensors"), 1))) {
            float[] strong = states(REQUEST, ink.at(0.8));
            float[] weak = states(REQUEST, ink.at(0.4));
            assertThat(strong).isNotEqualTo(weak).isNotEqualTo(plain);
            assertThat(states(REQUEST, ink.at(0.2, 0.8))).containsExactly(strong);
            assertThat(encodings).hasValue(3);
            Map<String, Double> first = new LinkedHashMap<>();
            first.put("*", 0.5);
            first.put("text_model.*", 1.0);
            Map<String, Double> second = new LinkedHashMap<>();
            second.put("text_model.*", 1.0);
            second.put("*", 0.5);
            LoraUse use = ink.at(0.8);
            assertThat(states(REQUEST, use.withBlocks(first))).isNotEqualTo(states(REQUEST, use.withBlocks(second)));
        }
        assertThat(states(REQUEST)).containsExactly(plain);
    }

    @Test
    void weightsThatChangeAreNoticed() throws IOException {
        float[] plain = states(REQUEST);
        try (Lora ink = parts.lora(AdapterFile.write(folder.resolve("ink.safetensors"), 1))) {
            try (LoraFuser fuser = LoraFuser.fuse(List.of(ink.at(0.8)))) {
                assertThat(states(REQUEST)).isNotEqualTo(plain);
            }
            assertThat(states(REQUEST)).containsExactly(plain);
        }
    }

    @Test
    void wordsThatAreLearnedFurtherAreNoticed() {
        NDArray vectors = new TorchRandom(1).normal(parts.manager(), new Shape(1, 128));
        Components worded = parts.withWords(List.of(new LearnedWord("<moon>", vectors)));
        GenerationRequest request = REQUEST.withPrompt("a <moon>");
        float[] before = states(worded.texts(), worded, request);
        assertThat(states(worded.texts(), worded, request)).containsExactly(before);
        assertThat(encodings).hasValue(1);
        vectors.addi(0.5);
        float[] after = states(worded.texts(), worded, request);
        assertThat(after).isNotEqualTo(before);
        assertThat(states(request)).isNotEqualTo(after).isNotEqualTo(before); // of the model without the word
    }

    @Test
    void modelsWithTheSameWordsShareEncodings() {
        states(REQUEST);
        states(parts.texts(), parts.withWords(List.of()), REQUEST);
        assertThat(encodings).hasValue(1);
        NDArray vectors = new TorchRandom(1).normal(parts.manager(), new Shape(1, 128));
        GenerationRequest request = REQUEST.withPrompt("a <moon> <sun>");
        LearnedWord moon = new LearnedWord("<moon>", vectors);
        LearnedWord sun = new LearnedWord("<sun>", vectors.duplicate());
        for (int i = 0; i < 2; i++) {
            states(parts.texts(), parts.withWords(List.of(moon, sun)), request);
        }
        assertThat(encodings).hasValue(2);
        states(parts.texts(), parts.withWords(List.of(sun, moon)), request);
        states(parts.texts(), parts.withWords(List.of(moon)), request);
        states(parts.texts(), parts.withWords(List.of(moon, new LearnedWord("<sun>", vectors.add(1)))), request);
        states(parts.texts(), parts.withWords(List.of(moon, new LearnedWord("<sun>", vectors.duplicate()))), request);
        assertThat(encodings).hasValue(6);
    }

    @Test
    void threadsMeetInItUnharmed() throws Exception {
        TextCache small = TextCache.of(parts.readers(), parts.manager(), 2 * 24);
        List<String> texts = List.of("a red circle", "a blue square", "a green star");
        List<float[]> expected =
                texts.stream().map(text -> states(REQUEST.withPrompt(text))).toList();
        ExecutorService threads = Executors.newFixedThreadPool(3);
        try {
            List<Future<?>> all = new ArrayList<>();
            for (int thread = 0; thread < 3; thread++) {
                int offset = thread;
                all.add(threads.submit(() -> {
                    for (int i = 0; i < 30; i++) {
                        int which = (i + offset) % 3;
                        assertThat(states(small, parts, REQUEST.withPrompt(texts.get(which))))
                                .containsExactly(expected.get(which));
                    }
                }));
            }
            for (Future<?> each : all) {
                each.get();
            }
        } finally {
            threads.shutdownNow();
        }
        assertThat(small.size()).isEqualTo(2);
    }
}
