package io.latent4j.training.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.latent4j.training.data.scenes.SceneSet;
import io.latent4j.training.data.scenes.Scenes;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BatchesTest {
    private static final BatchOptions EVERYTHING = BatchOptions.of(4, 32, 32)
            .withBuckets(Buckets.ofArea(32))
            .withCrop(Crop.RANDOM)
            .withFlip(0.5)
            .withCaptionDropout(0.3)
            .withSeed(11);

    @Test
    void giveTheImagesAsModelsTakeThem() throws IOException {
        SceneSet scenes = new SceneSet(8, 32, 0, 0.5, Scenes.Part.TRAINING);

        Batches batches = new Batches(scenes, BatchOptions.of(8, 32, 32));
        Batch batch = batches.batch(0);

        assertThat(new int[] {batch.size(), batch.height(), batch.width()}).containsExactly(8, 32, 32);
        assertThat(batch.pixels()).hasSize(8 * 3 * 32 * 32);
        assertThat(batch.step()).isZero();
        List<BatchPlan.Item> items = batches.plan(0).items();
        for (int i = 0; i < 8; i++) {
            int index = items.get(i).index();
            assertThat(batch.captions().get(i))
                    .isEqualTo(scenes.example(index).captions().get(0));
            BufferedImage image = scenes.example(index).image();
            for (int c = 0; c < 3; c++) {
                int level = (image.getRGB(20, 7) >> (16 - 8 * c)) & 255;
                assertThat(batch.pixels()[((i * 3 + c) * 32 + 7) * 32 + 20])
                        .isCloseTo(level / 127.5f - 1, within(1e-5f));
            }
        }
    }

    @Test
    void giveTheFirstInOrder() throws IOException {
        SceneSet scenes = new SceneSet(8, 32, 0, 0.5, Scenes.Part.TRAINING);
        CaptionedImages last = scenes.part(5, 8);
        Batches batches = new Batches(last, BatchOptions.of(2, 32, 32));

        Batch first = batches.load(batches.first(2));

        assertThat(last.size()).isEqualTo(3);
        assertThat(first.captions())
                .containsExactly(
                        scenes.example(5).captions().get(0),
                        scenes.example(6).captions().get(0));
        assertThatThrownBy(() -> scenes.part(5, 9)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> last.example(3)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void areAFunctionOfSeedAndStep() throws IOException {
        CaptionedImages images = photographs(30);
        Batches batches = new Batches(images, EVERYTHING);
        List<Batch> forwards = new ArrayList<>();
        for (int step = 0; step < 20; step++) {
            forwards.add(batches.batch(step));
        }
        Batches again = new Batches(images, EVERYTHING);
        for (int step = 19; step >= 0; step -= 3) {
            Batch batch = again.batch(step);
            assertThat(batch.pixels()).isEqualTo(forwards.get(step).pixels());
            assertThat(batch.captions()).isEqualTo(forwards.get(step).captions());
            assertThat(batch.contentKeys()).isEqualTo(forwards.get(step).contentKeys());
        }
    }

    @Test
    void changeAnImageFromEpochToEpoch() throws IOException {
        Batches batches = new Batches(photographs(4), BatchOptions.of(4, 32, 32).withCrop(Crop.RANDOM));
        Set<String> keys = new HashSet<>();
        for (int step = 0; step < 10; step++) {
            keys.addAll(batches.batch(step).contentKeys());
        }
        assertThat(keys).hasSizeGreaterThan(20);
    }

    @Test
    void sayTagsInAnotherOrderEachTimeAndTheRestAsWithoutThem() throws IOException {
        CaptionedImages images = CaptionedImages.of(List.of(
                CaptionedImage.of("one", new BufferedImage(40, 40, BufferedImage.TYPE_INT_RGB), "a, b, c, d, e"),
                CaptionedImage.of("two", new BufferedImage(50, 40, BufferedImage.TYPE_INT_RGB), "a, b, c, d, e")));
        Tags tags = new Tags("sks,", true, 1, 0.3);
        Batches plain = new Batches(images, EVERYTHING.withFlip(0.5));
        Batches tagged = new Batches(images, EVERYTHING.withFlip(0.5).withTags(tags));
        Set<String> captions = new HashSet<>();
        for (int step = 0; step < 20; step++) {
            Batch batch = tagged.batch(step);
            assertThat(batch.contentKeys()).isEqualTo(plain.batch(step).contentKeys());
            for (int i = 0; i < batch.size(); i++) {
                String caption = batch.captions().get(i);
                assertThat(caption.isEmpty())
                        .isEqualTo(plain.batch(step).captions().get(i).isEmpty());
                captions.add(caption);
            }
            assertThat(new Batches(images, EVERYTHING.withFlip(0.5).withTags(tags))
                            .batch(step)
                            .captions())
                    .isEqualTo(batch.captions());
        }
        assertThat(captions)
                .hasSizeGreaterThan(20)
                .allMatch(caption -> caption.isEmpty() || caption.startsWith("sks, a"));
    }

    @Test
    void nameDifferentPixelsDifferently() throws IOException {
        Batches batches = new Batches(photographs(12), EVERYTHING);
        Set<String> keys = new HashSet<>();
        Set<Integer> pixels = new HashSet<>();
        for (int step = 0; step < 30; step++) {
            Batch batch = batches.batch(step);
            int length = batch.pixels().length / batch.size();
            for (int i = 0; i < batch.size(); i++) {
                if (keys.add(batch.contentKeys().get(i))) {
                    pixels.add(Arrays.hashCode(Arrays.copyOfRange(batch.pixels(), i * length, (i + 1) * length)));
                }
            }
        }
        assertThat(pixels).hasSameSizeAs(keys);
    }

    @Test
    void bringImagesToTheNearestSize() throws IOException {
        List<String> warnings = new ArrayList<>();
        CaptionedImages images = CaptionedImages.of(
                List.of(photograph(100, 100), photograph(100, 60), photograph(50, 90), photograph(62, 100)));

        Batches batches = new Batches(images, EVERYTHING.withFlip(0), warnings::add);

        Set<String> sizes = new HashSet<>();
        for (int step = 0; step < batches.perEpoch(); step++) {
            Batch batch = batches.batch(step);
            sizes.add(batch.width() + "x" + batch.height());
            assertThat(batch.size()).isEqualTo(4);
        }
        assertThat(sizes).containsExactlyInAnyOrder("32x32", "40x24", "24x40");
        assertThat(warnings)
                .singleElement()
                .asString()
                .contains("fewer images than a batch of 4", "24x40 (2)", "32x32 (1)");
    }

    @Test
    void keepTheMiddleOrAnyPart() {
        CaptionedImages wide = CaptionedImages.of(List.of(photograph(96, 64)));

        BatchPlan.Item centre =
                new Batches(wide, BatchOptions.of(1, 32, 32)).plan(0).items().get(0);
        assertThat(centre.resized()).isEqualTo(new ImageSize(48, 32));
        assertThat(new int[] {centre.left(), centre.top()}).containsExactly(8, 0);

        Batches random = new Batches(wide, BatchOptions.of(1, 32, 32).withCrop(Crop.RANDOM));
        int[] lefts = IntStream.range(0, 500)
                .map(step -> random.plan(step).items().get(0).left())
                .toArray();
        assertThat(IntStream.of(lefts).distinct()).hasSize(17);
        assertThat(IntStream.of(lefts).max()).hasValue(16);
        assertThat(IntStream.of(lefts).min()).hasValue(0);
    }

    @Test
    void mirrorAsOftenAsAsked() throws IOException {
        CaptionedImages one = CaptionedImages.of(List.of(photograph(32, 32)));
        Batches batches = new Batches(one, BatchOptions.of(1, 32, 32).withFlip(0.25));
        long mirrored = IntStream.range(0, 2000)
                .filter(step -> batches.plan(step).items().get(0).mirrored())
                .count();
        assertThat(mirrored).isBetween(430L, 570L);

        float[] always = new Batches(one, BatchOptions.of(1, 32, 32).withFlip(1))
                .batch(0)
                .pixels();
        float[] never = new Batches(one, BatchOptions.of(1, 32, 32)).batch(0).pixels();
        for (int x = 0; x < 32; x++) {
            assertThat(always[x]).isEqualTo(never[31 - x]);
        }
    }

    @Test
    void leaveCaptionsEmptyAsOftenAsAsked() {
        CaptionedImages one = CaptionedImages.of(List.of(photograph(32, 32)));
        Batches batches = new Batches(one, BatchOptions.of(1, 32, 32).withCaptionDropout(0.1));
        long empty = IntStream.range(0, 5000)
                .filter(step -> batches.plan(step).items().get(0).caption().isEmpty())
                .count();
        assertThat(empty).isBetween(430L, 570L);
    }

    @Test
    void sayEachOfSeveralCaptions() {
        BufferedImage image = new BufferedImage(8, 8, BufferedImage.TYPE_INT_RGB);
        CaptionedImages one = CaptionedImages.of(List.of(CaptionedImage.of("x", image, "one", "two", "three")));
        Batches batches = new Batches(one, BatchOptions.of(1, 8, 8));
        assertThat(IntStream.range(0, 3000)
                        .mapToObj(step -> batches.plan(step).items().get(0).caption())
                        .filter("two"::equals))
                .hasSizeBetween(900, 1100);
    }

    @Test
    void doNotLetOneOptionDisturbAnother() {
        CaptionedImages images = photographs(6);
        BatchOptions plain = BatchOptions.of(3, 32, 32).withCrop(Crop.RANDOM);
        Batches one = new Batches(images, plain);
        Batches other = new Batches(images, plain.withFlip(0.5).withCaptionDropout(0.5));
        for (int step = 0; step < 20; step++) {
            for (int i = 0; i < 3; i++) {
                BatchPlan.Item a = one.plan(step).items().get(i);
                BatchPlan.Item b = other.plan(step).items().get(i);
                assertThat(b.index()).isEqualTo(a.index());
                assertThat(b.left()).isEqualTo(a.left());
                assertThat(b.top()).isEqualTo(a.top());
            }
        }
    }

    @Test
    void putAnotherImageInPlaceOfADamagedOne() throws IOException {
        List<CaptionedImage> images = new ArrayList<>();
        IntStream.range(0, 8).forEach(i -> images.add(photograph(32, 32)));
        images.set(2, new Damaged("bad.png"));
        images.set(3, new Damaged("worse.png"));
        List<String> warnings = new ArrayList<>();
        Batches batches = new Batches(CaptionedImages.of(images), BatchOptions.of(8, 32, 32), warnings::add);

        Batch batch = batches.batch(0);
        batches.batch(1);

        assertThat(batch.size()).isEqualTo(8);
        assertThat(batch.captions()).doesNotContain("damaged");
        assertThat(warnings).hasSize(2).anyMatch(w -> w.contains("bad.png")).anyMatch(w -> w.contains("worse.png"));
        assertThat(new Batches(CaptionedImages.of(images), BatchOptions.of(8, 32, 32))
                        .batch(0)
                        .contentKeys())
                .isEqualTo(batch.contentKeys());
    }

    @Test
    void stopAtADamagedImageIfAsked() {
        List<CaptionedImage> images = List.of(photograph(32, 32), new Damaged("bad.png"));
        assertThatIOException()
                .isThrownBy(() -> new Batches(
                                CaptionedImages.of(images),
                                BatchOptions.of(2, 32, 32).withFaults(Faults.STOP))
                        .batch(0))
                .withMessage("bad.png: is cut off");
    }

    @Test
    void stopWhereNoImageCanBeRead() {
        List<CaptionedImage> images = List.of(new Damaged("a.png"), new Damaged("b.png"));
        assertThatIOException()
                .isThrownBy(() -> new Batches(CaptionedImages.of(images), BatchOptions.of(2, 32, 32)).batch(0))
                .withMessageContaining("is cut off");
    }

    @Test
    void refuseOptionsThatCannotBe() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> BatchOptions.of(0, 8, 8))
                .withMessageContaining("batch size is 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> BatchOptions.of(1, 8, 8).withFlip(1.5))
                .withMessageContaining("flip is 1.5");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> BatchOptions.of(1, 8, 8).withCaptionDropout(-1))
                .withMessageContaining("caption dropout is -1.0");
    }

    private static CaptionedImages photographs(int count) {
        return CaptionedImages.of(IntStream.range(0, count)
                .mapToObj(i -> photograph(40 + 7 * (i % 5), 45 + 11 * (i % 3), i))
                .toList());
    }

    private static CaptionedImage photograph(int width, int height) {
        return photograph(width, height, 0);
    }

    private static CaptionedImage photograph(int width, int height, int number) {
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        Draws draws = Draws.of(width, height, number);
        IntStream.range(0, width * height).forEach(i -> image.setRGB(i % width, i / width, (int) draws.bits()));
        return CaptionedImage.of(width + "x" + height, image, "an image of " + width + "x" + height);
    }

    /** An image whose first bytes are well. */
    private record Damaged(String name) implements CaptionedImage {
        @Override
        public List<String> captions() {
            return List.of("damaged");
        }

        @Override
        public int width() {
            return 32;
        }

        @Override
        public int height() {
            return 32;
        }

        @Override
        public BufferedImage image() throws IOException {
            throw new IOException(name + ": is cut off");
        }

        @Override
        public String contentKey() {
            return name;
        }
    }
}
