package io.latent4j.training.batches;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.latent4j.core.config.Config;
import io.latent4j.training.Noting;
import io.latent4j.training.PlainImages;
import io.latent4j.training.data.Batches;
import io.latent4j.training.data.CaptionedImage;
import io.latent4j.training.data.CaptionedImages;
import io.latent4j.training.run.TrainingLoop;
import io.latent4j.training.samples.PromptSamples;
import io.latent4j.training.samples.SamplesPlan;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The {@code data} section of a run file. */
class ImageDataTest {
    @TempDir
    private Path folder;

    /** Two folders, the second with captions of tags. */
    @BeforeEach
    void write() throws IOException {
        PlainImages.write(folder.resolve("a"), 3, 16);
        PlainImages.write(folder.resolve("b"), 2, 16);
        Files.writeString(folder.resolve("b/0.txt"), "disc, yellow");
        Files.writeString(folder.resolve("b/1.txt"), "disc, yellow, small");
    }

    private Config section(String yaml) {
        return Config.parseYaml("data", folder, yaml);
    }

    private ImageData read(String yaml) throws IOException {
        Config section = section(yaml);
        DataPlan plan = DataPlan.read(section, DataPlan.Kind.TUNING, false);
        section.refuseTheRest();
        return ImageData.open(plan.withSize(512), Optional.empty(), 1);
    }

    private void refuses(String yaml, String message) {
        assertThatIllegalArgumentException().isThrownBy(() -> read(yaml)).withMessageContaining(message);
    }

    /** How often each caption is said in {@code epochs}. */
    private static Map<String, Integer> said(ImageData data, int epochs) {
        Batches batches = data.batches(1, 0, 8);
        Map<String, Integer> said = new TreeMap<>();
        for (int i = 0; i < epochs * batches.perEpoch(); i++) {
            said.merge(batches.plan(i).items().get(0).caption(), 1, Integer::sum);
        }
        return said;
    }

    @Test
    void takesWhatTheModelIsBestAtAndAllImagesUnlessAsked() throws IOException {
        ImageData data = read("folder: b");
        assertThat(data.side()).isEqualTo(512);
        assertThat(data.setAside()).isZero();
        assertThat(data.learned()).isEqualTo(2);
        PromptSamples samples = SamplesPlan.read(section("prompts: [a]")).of(30, 5);
        assertThat(samples).isEqualTo(new PromptSamples(List.of("a"), 30, 5, 0));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ImageData.open(
                        DataPlan.read(section("folder: b"), DataPlan.Kind.PIXELS, false), Optional.empty(), 1))
                .withMessageContaining("set_aside is 64; expected less than 2, the number of images");
    }

    @Test
    void findsADamagedImageBeforeTheRunWhereThatStopsIt() throws IOException {
        List<String> notes = new ArrayList<>();
        read("{folder: b, damaged: stop}").checkWhole(new Noting(notes));
        assertThat(notes).containsExactly("checking that all images can be decoded (2), as data.damaged is stop");
        Path cut = folder.resolve("b/1.png");
        byte[] whole = Files.readAllBytes(cut);
        Files.write(cut, Arrays.copyOf(whole, whole.length / 2));
        assertThatIOException()
                .isThrownBy(() -> read("{folder: b, damaged: stop}").checkWhole(new Noting(notes)))
                .withMessageStartingWith(cut + ": cannot be read as an image");
        notes.clear();
        read("{folder: b}").checkWhole(new Noting(notes));
        assertThat(notes).isEmpty();
        TrainingLoop.Watcher stopping = new TrainingLoop.Watcher() {
            @Override
            public boolean stopping() {
                return true;
            }
        };
        assertThatThrownBy(() -> read("{folder: b, damaged: stop}").checkWhole(stopping))
                .isInstanceOf(CancellationException.class);
    }

    @Test
    void repeatsTheImagesOfAFolder() throws IOException {
        ImageData data = read("{folders: [{folder: a, repeats: 4, prompt: a sks disc}, {folder: b}], set_aside: 1}");
        assertThat(data.learned()).isEqualTo(3 * 4 + 1);
        assertThat(data.setAside()).isEqualTo(1);
        assertThat(said(data, 2)).containsExactly(Map.entry("a sks disc", 24), Map.entry("disc, yellow", 2));
        assertThat(data.setAside(0, 4).first(1).items().get(0).caption()).isEqualTo("disc, yellow, small");
        assertThat(data.captions()).containsExactly("a sks disc", "disc, yellow", "disc, yellow, small");
    }

    @Test
    void saysThePromptOfAllWhereAFolderHasNone() throws IOException {
        ImageData data = read("{folders: [{folder: a, prompt: a disc}, {folder: b}], prompt: a thing}");
        assertThat(said(data, 1)).containsExactly(Map.entry("a disc", 3), Map.entry("a thing", 2));
    }

    @Test
    void shufflesTagsAndPutsThePrefixBeforeAllThatIsSaid() throws IOException {
        ImageData data = read("{folder: b, prefix: 'sks, ', shuffle_tags: true, keep_tags: 1, set_aside: 1}");
        assertThat(data.variesCaptions()).isTrue();
        assertThat(data.captions()).containsExactly("sks, disc, yellow", "sks, disc, yellow, small");
        assertThat(data.setAside(0, 1).first(1).items().get(0).caption())
                .as("set aside, the same each time")
                .isEqualTo("sks, disc, yellow, small");
        assertThat(read("{folder: b, prefix: sks}").variesCaptions()).isFalse();
        assertThat(said(read("{folder: b, tag_dropout: 0.5, keep_tags: 1}"), 40))
                .containsOnlyKeys("disc", "disc, yellow", "disc, small", "disc, yellow, small");
        assertThat(said(read("{folder: b, shuffle_tags: true, keep_tags: 1}"), 40))
                .containsOnlyKeys("disc, yellow", "disc, yellow, small", "disc, small, yellow");
    }

    @Test
    void refusesWhatWouldDoNothing() {
        refuses("{folder: b, keep_tags: 1}", "keep_tags is 1; expected 0, as neither shuffle_tags nor tag_dropout");
        refuses("{folder: b, tag_dropout: 1}", "tag_dropout is 1.0; expected 0 to below 1");
        refuses("{folder: b, shuffle_tags: true, keep_tags: 2}", "as no caption has 4 or more tags");
        refuses("{folder: a, prompt: a disc, shuffle_tags: true}", "as no caption has 2 or more tags, with commas");
        refuses("{folder: a, prompt: a disc, tag_dropout: 0.1}", "as no caption has 2 or more tags, with commas");
        refuses("{scenes: 3, prompt: a disc}", "prompt is \"a disc\"; expected none, as there is no folder");
        refuses("{folders: [{folder: b, repeats: 0}]}", "folders 1: repeats is 0; expected a whole number, 1 to 1000");
        refuses("{folders: [{folder: b, repeat: 2}]}", "folders 1: repeat is no key here, the nearest is \"repeats\"");
        refuses("{folders: [{repeats: 2}]}", "folders 1: folder is missing");
        refuses("{folder: b, folders: [{folder: a}]}", "expected folder, with images and captions, or folders");
        refuses("{size: 16}", "only one of the three");
    }

    @Test
    void refusesWordsForARunThatLearnsNone() {
        Config section = section("{folder: b, set_aside: 0, shuffle_tags: true, prompt: a disc}");
        DataPlan.read(section, DataPlan.Kind.PIXELS, false);
        assertThatIllegalArgumentException()
                .isThrownBy(section::refuseTheRest)
                .withMessageContaining("shuffle_tags is no key here")
                .withMessageContaining("prompt is no key here");
    }

    @Test
    void takesAProgramsImagesInPlaceOfAFolder() throws IOException {
        BufferedImage image = new BufferedImage(16, 16, BufferedImage.TYPE_INT_RGB);
        Optional<CaptionedImages> given =
                Optional.of(CaptionedImages.of(List.of(CaptionedImage.of("one", image, "a disc"))));
        ImageData data = ImageData.open(DataPlan.read(section("{size: 16}"), DataPlan.Kind.TUNING, true), given, 1);
        assertThat(data.captions()).containsExactly("a disc");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DataPlan.read(section("folder: b"), DataPlan.Kind.TUNING, true))
                .withMessageContaining("expected neither folder, folders nor scenes, as the program gives the images");
    }
}
