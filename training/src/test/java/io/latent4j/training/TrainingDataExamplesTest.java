package io.latent4j.training;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.latent4j.core.docs.JavaBlocks;
import io.latent4j.core.weights.StoredType;
import io.latent4j.training.config.StartOptions;
import io.latent4j.training.data.ArrayCache;
import io.latent4j.training.data.Batch;
import io.latent4j.training.data.BatchOptions;
import io.latent4j.training.data.Batches;
import io.latent4j.training.data.Buckets;
import io.latent4j.training.data.CachedArray;
import io.latent4j.training.data.CaptionedImage;
import io.latent4j.training.data.CaptionedImages;
import io.latent4j.training.data.Crop;
import io.latent4j.training.data.Faults;
import io.latent4j.training.data.ImageFolder;
import io.latent4j.training.data.Prefetcher;
import io.latent4j.training.run.TrainingLoop;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Runs what docs/training-data.md shows: each of its Java blocks stands in this file, word for word. */
class TrainingDataExamplesTest {
    private static final Path PAGE = Path.of("..", "docs", "training-data.md");
    private static final Path SOURCE = Path.of("src/test/java/io/latent4j/training/TrainingDataExamplesTest.java");

    @TempDir
    private Path folder;

    @TestFactory
    List<DynamicTest> everyJavaBlockOfThePageIsInThisFile() throws IOException {
        return JavaBlocks.standIn(SOURCE, 4, List.of(PAGE));
    }

    @Test
    void readsAFolder() throws IOException, InterruptedException {
        Path photos = folder.resolve("photos");
        PlainImages.write(photos, 17, 16);
        for (int i = 0; i < 16; i++) {
            Files.writeString(photos.resolve(i + ".txt"), "a disc");
        }
        // the page
        ImageFolder set = ImageFolder.open(photos, Faults.SKIP);
        set.skipped().stream()
                .findFirst()
                .ifPresent(first ->
                        System.err.println("left out " + set.skipped().size() + " images; the first: " + first));
        // end
        assertThat(set.size()).isEqualTo(16);
        long firstStep = 3;
        // the page
        BatchOptions options = BatchOptions.of(16, 512, 512)
                .withBuckets(Buckets.ofArea(512))
                .withCrop(Crop.RANDOM)
                .withCaptionDropout(0.1)
                .withSeed(7);
        Batches batches = new Batches(set, options, System.err::println);
        try (Prefetcher<Batch> coming = new Prefetcher<>(batches::batch, firstStep, 2, 4)) {
            Batch batch = coming.next(); // pixels (16, 3, height, width) in [-1, 1], captions, keys
            System.out.println(batch + ": " + batch.captions());
        }
        // end
        Batch batch = batches.batch(firstStep);
        assertThat(batch.pixels()).hasSize(16 * 3 * batch.height() * batch.width());
    }

    @Test
    @SuppressWarnings("ClosingStandardOutputStreams") // it is a cache that is closed
    void keepsLatents() throws IOException {
        PlainImages.write(folder.resolve("photos"), 1, 16);
        ImageFolder set = ImageFolder.open(folder.resolve("photos"), Faults.SKIP, "a disc");
        Batch batch = new Batches(set, BatchOptions.of(1, 16, 16)).batch(0);
        Path cacheFolder = folder.resolve("cache");
        String vaeHash = "the autoencoder";
        CachedArray encoded = new CachedArray(new Shape(2), new float[] {1, 2});
        int i = 0;
        Consumer<String> warnings = System.err::println;
        // the page
        try (ArrayCache cache = ArrayCache.open(cacheFolder, "latents", StoredType.F16, warnings)) {
            String key = ArrayCache.key(batch.contentKeys().get(i), vaeHash);
            if (!cache.contains(key)) {
                cache.put(key, encoded);
            }
            cache.get(key).ifPresent(latents -> System.out.println(latents.shape()));
        }
        // end
        try (ArrayCache cache = ArrayCache.open(cacheFolder, "latents", StoredType.F16, warnings)) {
            String key = ArrayCache.key(batch.contentKeys().get(i), vaeHash);
            assertThat(cache.get(key).orElseThrow().values()).containsExactly(1, 2);
        }
    }

    @Test
    void trainsOnImagesThatAProgramMakes() throws IOException {
        Path runFile = Files.writeString(folder.resolve("run.yaml"), """
                output: run
                adapter: {rank: 2}
                training: {steps: 2, batch: 2}
                """);
        List<Double> losses = new ArrayList<>();
        TrainingLoop.Watcher watcher = new Silent(losses::add);
        // the page
        CaptionedImages discs = new CaptionedImages() {
            @Override
            public int size() {
                return 100;
            }

            @Override
            public CaptionedImage example(int index) {
                BufferedImage image = new BufferedImage(64, 64, BufferedImage.TYPE_INT_RGB);
                Graphics2D graphics = image.createGraphics();
                graphics.setColor(Color.getHSBColor(index / 100f, 1, 1));
                graphics.fillOval(8, 8, 48, 48);
                graphics.dispose();
                return CaptionedImage.of("disc " + index, image, "a sks disc");
            }
        };
        StartOptions options = StartOptions.DEFAULT.withImages(discs);
        try (NDManager manager = NDManager.newBaseManager();
                Training training = TrainingKind.LORA.open(runFile, options, manager, watcher)) {
            training.run().ifPresent(adapter -> System.out.println("written: " + adapter));
        }
        // end
        assertThat(losses).hasSize(2).allMatch(Double::isFinite);
        assertThat(folder.resolve("run/lora.safetensors")).exists();
    }
}
