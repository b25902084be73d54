package io.latent4j.training.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import com.google.common.collect.Sets;
import io.latent4j.training.data.scenes.SceneSet;
import io.latent4j.training.data.scenes.Scenes;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class PrefetcherTest {
    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4})
    void handsBatchesOutInOrder(int threads) throws Exception {
        Batches batches = scenes(20, 3);
        try (Prefetcher<Batch> prefetcher = new Prefetcher<>(batches::batch, 5, threads, 3)) {
            for (long step = 5; step < 40; step++) {
                Batch batch = prefetcher.next();
                assertThat(batch.step()).isEqualTo(step);
                assertThat(batch.pixels()).isEqualTo(batches.batch(step).pixels());
            }
        }
    }

    @Test
    void worksNoFurtherAheadThanAsked() throws Exception {
        AtomicInteger loaded = new AtomicInteger();
        CaptionedImages images = CaptionedImages.of(List.of(new Counted(loaded)));
        try (Prefetcher<Batch> prefetcher =
                new Prefetcher<>(new Batches(images, BatchOptions.of(1, 8, 8))::batch, 0, 2, 3)) {
            for (int i = 0; i < 10; i++) {
                prefetcher.next();
            }
            assertThat(loaded).hasValueBetween(10, 13);
        }
    }

    @Test
    void passesOnWhichFileIsDamaged() throws Exception {
        ImageFolderWriter.write(new SceneSet(2, 64, 0, 0, Scenes.Part.TRAINING), folder.resolve("set"), i -> {});
        Path file = folder.resolve("set/000001.png");
        byte[] bytes = Files.readAllBytes(file);
        Files.write(file, Arrays.copyOf(bytes, bytes.length / 2));
        ImageFolder set = ImageFolder.open(folder.resolve("set"));
        BatchOptions strict = BatchOptions.of(2, 64, 64).withFaults(Faults.STOP);
        try (Prefetcher<Batch> prefetcher = new Prefetcher<>(new Batches(set, strict)::batch, 0, 2, 2)) {
            assertThatIOException().isThrownBy(prefetcher::next).withMessageContaining(file.toString());
        }
        try (Prefetcher<Batch> prefetcher =
                new Prefetcher<>(new Batches(set, BatchOptions.of(2, 64, 64))::batch, 0, 2, 2)) {
            assertThat(prefetcher.next().size()).isEqualTo(2);
        }
    }

    @Test
    void leavesNoThreadBehind() throws Exception {
        Set<Thread> before = threads();
        Prefetcher<Batch> prefetcher = new Prefetcher<>(scenes(10, 2)::batch, 0, 2, 4);
        prefetcher.next();
        Set<Thread> own = Sets.difference(threads(), before).immutableCopy();
        assertThat(own).isNotEmpty();

        prefetcher.close();
        prefetcher.close();

        for (Thread thread : own) {
            thread.join(TimeUnit.MINUTES.toMillis(1)); // a thread that has done its work lives a moment longer
            assertThat(thread.isAlive()).isFalse();
        }
        assertThatIllegalStateException().isThrownBy(prefetcher::next).withMessageContaining("is closed");
    }

    private static Set<Thread> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("batches-"))
                .collect(Collectors.toSet());
    }

    private static Batches scenes(int count, int batchSize) {
        return new Batches(new SceneSet(count, 16, 0, 0.5, Scenes.Part.TRAINING), BatchOptions.of(batchSize, 16, 16));
    }

    private record Counted(AtomicInteger loaded) implements CaptionedImage {
        @Override
        public String name() {
            return "counted";
        }

        @Override
        public List<String> captions() {
            return List.of("x");
        }

        @Override
        public int width() {
            return 8;
        }

        @Override
        public int height() {
            return 8;
        }

        @Override
        public BufferedImage image() throws IOException {
            loaded.incrementAndGet();
            return new BufferedImage(8, 8, BufferedImage.TYPE_INT_RGB);
        }

        @Override
        public String contentKey() {
            return "counted";
        }
    }
}
