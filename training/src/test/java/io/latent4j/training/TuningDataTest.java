package io.latent4j.training;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDManager;
import io.latent4j.training.config.StartOptions;
import io.latent4j.training.data.CaptionedImage;
import io.latent4j.training.data.CaptionedImages;
import io.latent4j.training.run.RunFacts;
import io.latent4j.training.run.TrainingLoop;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** How images and captions reach an adapter and new words in training, of a model with two text encoders. */
@Timeout(120)
class TuningDataTest {
    private static final int IMAGES = 8;
    private static final int EPOCH = 4; // batches
    private static final int AHEAD = 2; // batches a thread

    private static final String LORA = """
            output: run
            data: {size: 16}
            adapter: {rank: 2, file: {type: f32}}
            training: {steps: 8, batch: 2, rate: 2e-3, recompute: false, checkpoint_every: 3}
            """;

    @TempDir
    private static Path models;

    @TempDir
    private Path folder;

    @BeforeAll
    static void write() throws IOException {
        TinyXl.write(models.resolve("xl"));
    }

    /** Images of a program, that counts how often one is decoded. */
    private static final class Counted implements CaptionedImages {
        private final AtomicInteger decoded = new AtomicInteger();
        private final Set<String> threads = ConcurrentHashMap.newKeySet();
        private final CyclicBarrier together;

        /** @param together how many threads each of the first images waits for, all decoding at a time */
        Counted(int together) {
            this.together = new CyclicBarrier(together);
        }

        @Override
        public int size() {
            return IMAGES;
        }

        @Override
        public CaptionedImage example(int index) {
            BufferedImage image = new BufferedImage(16, 16, BufferedImage.TYPE_INT_RGB);
            Graphics2D graphics = image.createGraphics();
            graphics.setColor(Color.getHSBColor(index / (float) IMAGES, 1, 1));
            graphics.fillOval(2, 2, 12, 12);
            graphics.dispose();
            CaptionedImage whole = CaptionedImage.of("image " + index, image, "circle, of number " + index + ", round");
            return new CaptionedImage() {
                @Override
                public String name() {
                    return whole.name();
                }

                @Override
                public List<String> captions() {
                    return whole.captions();
                }

                @Override
                public int width() {
                    return whole.width();
                }

                @Override
                public int height() {
                    return whole.height();
                }

                @Override
                public BufferedImage image() throws IOException {
                    threads.add(Thread.currentThread().getName());
                    if (decoded.getAndIncrement() < together.getParties()) {
                        await();
                    }
                    return whole.image();
                }

                @Override
                public String contentKey() throws IOException {
                    return whole.contentKey();
                }
            };
        }

        private void await() throws IOException {
            try {
                together.await(60, TimeUnit.SECONDS);
            } catch (InterruptedException | BrokenBarrierException | TimeoutException e) {
                throw new IOException("fewer than " + together.getParties() + " threads load images", e);
            }
        }
    }

    private List<Double> run(
            String yaml, CaptionedImages images, Path run, TrainingLoop.Watcher watcher, String... changes)
            throws IOException {
        List<String> all = new ArrayList<>(List.of(changes));
        all.add("output=" + run);
        all.add("model=" + models.resolve("xl"));
        Path file = Files.writeString(folder.resolve("run.yaml"), yaml);
        TrainingKind kind = yaml.contains("adapter") ? TrainingKind.LORA : TrainingKind.TEXTUAL_INVERSION;
        StartOptions options = new StartOptions(false, all).withImages(images);
        List<Double> losses = new ArrayList<>();
        try (NDManager manager = NDManager.newBaseManager();
                Training training = kind.open(file, options, manager, new Telling(watcher, losses))) {
            training.run();
        }
        return losses;
    }

    private List<Double> lora(CaptionedImages images, String run, String... changes) throws IOException {
        return run(LORA, images, folder.resolve(run), new Silent(loss -> {}), changes);
    }

    /** Writes losses down and tells another what it hears. */
    private record Telling(TrainingLoop.Watcher other, List<Double> losses) implements TrainingLoop.Watcher {
        @Override
        public void note(String text) {
            other.note(text);
        }

        @Override
        public void prepared(RunFacts facts) {
            other.prepared(facts);
        }

        @Override
        public void stepped(long step, double loss, double rate) {
            losses.add(loss);
            other.stepped(step, loss, rate);
        }
    }

    private static List<String> names(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString().replaceAll("-.*", ""))
                    .sorted()
                    .toList();
        }
    }

    @Test
    void imagesAreDecodedOnceOnOtherThreads() throws IOException {
        Counted images = new Counted(1);
        List<Integer> decoded = new ArrayList<>();
        run(LORA, images, folder.resolve("run"), new Silent(loss -> decoded.add(images.decoded.get())));
        assertThat(decoded).hasSize(2 * EPOCH);
        // what is loaded ahead at the end of the first epoch may come again before it is encoded
        assertThat(decoded.get(EPOCH - 1)).isBetween(IMAGES, IMAGES + 2 * AHEAD);
        assertThat(decoded.subList(EPOCH + AHEAD - 1, 2 * EPOCH)).containsOnly(decoded.get(EPOCH + AHEAD - 1));
        assertThat(images.decoded).hasValueLessThanOrEqualTo(IMAGES + 2 * AHEAD);
        assertThat(images.threads).isNotEmpty().allMatch(name -> name.startsWith("batches-"));
    }

    @Test
    void severalThreadsDecodeAtATime() throws IOException {
        Counted images = new Counted(3);
        assertThat(lora(images, "run", "data.threads=3", "training.steps=2")).hasSize(2);
        assertThat(images.threads).hasSize(3);
    }

    @Test
    void runsShareWhatIsKept() throws IOException {
        Counted images = new Counted(1);
        List<Double> first = lora(images, "first", "cache=kept");
        assertThat(names(folder.resolve("kept"))).containsExactly("latents", "texts");
        Counted again = new Counted(1);
        List<Double> second = lora(again, "second", "cache=kept");
        assertThat(second).isEqualTo(first);
        assertThat(again.decoded).hasValue(0);
        assertThat(folder.resolve("second/cache")).doesNotExist();
        List<Double> words = run("""
                data: {size: 16}
                words: {tokens: [circle], initial: [star]}
                training: {steps: 2, batch: 2, rate: 1e-3}
                """, again, folder.resolve("words"), new Silent(loss -> {}), "cache=kept");
        assertThat(words).hasSize(2).allMatch(Double::isFinite);
        assertThat(again.decoded).as("the words' run has the same autoencoder").hasValue(0);
    }

    @Test
    void goesOnWithTagsAndFlipsAsIfItHadNeverStopped() throws IOException {
        String[] changes = {
            "data.shuffle_tags=true",
            "data.keep_tags=1",
            "data.tag_dropout=0.3",
            "data.prefix=\"red,\"",
            "data.flip=0.5",
            "data.threads=2",
            "loss.caption_dropout=0.2"
        };
        List<Double> whole = lora(new Counted(1), "whole", changes);
        List<String> cut = new ArrayList<>(List.of(changes));
        cut.add("training.steps=3");
        List<Double> first = lora(new Counted(1), "parts", cut.toArray(String[]::new));
        List<Double> rest = lora(new Counted(1), "parts", changes);
        assertThat(first).isEqualTo(whole.subList(0, 3));
        assertThat(rest).isEqualTo(whole.subList(3, 8));
        assertThat(names(folder.resolve("whole/cache")))
                .as("texts that change are not kept")
                .containsExactly("latents");
        assertThat(lora(new Counted(1), "still", "data.flip=0.5", "loss.caption_dropout=0.2"))
                .isNotEqualTo(whole);
    }

    @Test
    void saysOnceWhatIsCutOff() throws IOException {
        List<String> notes = new ArrayList<>();
        TrainingLoop.Watcher noting = new Noting(notes);
        String longer = "circle " + "and circle ".repeat(40);
        CaptionedImages images = CaptionedImages.of(List.of(
                CaptionedImage.of("image", new BufferedImage(16, 16, BufferedImage.TYPE_INT_RGB), "a circle", longer)));
        run(LORA, images, folder.resolve("lora"), noting, "training.steps=1", "training.batch=1");
        run(
                "words: {tokens: [circle], initial: [star]}\ndata: {size: 16}\ntraining: {steps: 1}\n",
                images,
                folder.resolve("words"),
                noting);
        assertThat(notes)
                .filteredOn(note -> note.matches("1 of 2 captions is longer than \\d+ tokens.* loses \".*circle.*\""))
                .hasSize(2);
    }
}
