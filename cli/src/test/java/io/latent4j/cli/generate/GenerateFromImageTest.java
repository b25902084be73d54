package io.latent4j.cli.generate;

import static org.assertj.core.api.Assertions.assertThat;

import io.latent4j.cli.CommandRun;
import io.latent4j.core.image.PngFile;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code generate} with an image to start from, or to go on from. */
class GenerateFromImageTest {
    private static final String PROMPT = "a red circle, café 赤";

    @TempDir
    private Path folder;

    @Test
    void startsFromAnImage() throws IOException {
        Path start = folder.resolve("start.png");
        PngFile.write(start, new BufferedImage(40, 60, BufferedImage.TYPE_INT_RGB), Map.of());
        Path made = folder.resolve("made.png");

        CommandRun run = generate(PROMPT, "--image", "" + start, "--strength", "0.5", "--steps", "4", "-o", "" + made);

        assertThat(run.code()).as(run.err()).isZero();
        assertThat(PngFile.readText(made).get("parameters")).contains("Size: 40x60", "Denoising strength: 0.5");
    }

    @Test
    void variesAnImageInBatches() throws IOException {
        CommandRun run = generate(
                PROMPT,
                "--seed=5",
                "--variation-seed=9",
                "--variation-strength=0.25",
                "--steps=1",
                "-c",
                "3",
                "-b",
                "2",
                "-o",
                "" + folder.resolve("v.png"));

        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.err()).contains("seed 5, variation seed 9");
        for (int i = 0; i < 3; i++) {
            assertThat(PngFile.readText(folder.resolve("v-" + (i + 1) + ".png")).get("parameters"))
                    .contains("Seed: 5, Variation seed: " + (9 + i) + ", Variation seed strength: 0.25,");
        }
    }

    @Test
    void makesAnImageLarger() throws IOException {
        Path made = folder.resolve("made.png");

        CommandRun run = generate(
                PROMPT,
                "--steps=4",
                "--upscale=1.25",
                "--upscale-strength=0.5",
                "--upscale-steps=2",
                "--upscaler=bicubic",
                "-o",
                "" + made);

        assertThat(run.code()).as(run.err()).isZero();
        assertThat(ImageIO.read(made.toFile()).getWidth()).isEqualTo(80);
        assertThat(PngFile.readText(made).get("parameters"))
                .contains("Hires upscale: 1.25, Hires steps: 2, Hires upscaler: Latent (bicubic)");
    }

    @Test
    void repaintsWhatTheMaskSays() throws IOException {
        BufferedImage white = new BufferedImage(64, 64, BufferedImage.TYPE_INT_RGB);
        BufferedImage mask = new BufferedImage(64, 64, BufferedImage.TYPE_BYTE_GRAY);
        for (int y = 0; y < 64; y++) {
            for (int x = 0; x < 64; x++) {
                white.setRGB(x, y, 0xFFFFFF);
                mask.getRaster().setSample(x, y, 0, x < 32 ? 255 : 0);
            }
        }
        Path start = folder.resolve("start.png");
        PngFile.write(start, white, Map.of());
        Path where = folder.resolve("mask.png");
        ImageIO.write(mask, "png", where.toFile());
        Path made = folder.resolve("made.png");

        CommandRun run = generate(
                "a blue square on a black background",
                "--image",
                "" + start,
                "--mask",
                "" + where,
                "--mask-blur",
                "0",
                "--steps",
                "4",
                "-o",
                "" + made);

        assertThat(run.code()).as(run.err()).isZero();
        BufferedImage image = ImageIO.read(made.toFile());
        for (int y = 0; y < 64; y++) {
            assertThat(image.getRGB(32, y) & 0xFFFFFF).isEqualTo(0xFFFFFF);
        }
        assertThat(same(image, white)).isFalse();
    }

    @Test
    void paintsBeyondTheEdges() throws IOException {
        Path start = folder.resolve("start.png");
        PngFile.write(start, new BufferedImage(40, 60, BufferedImage.TYPE_INT_RGB), Map.of());
        Path made = folder.resolve("made.png");
        CommandRun run =
                generate(PROMPT, "--image", "" + start, "--expand", "left=8,bottom=4", "--steps", "2", "-o", "" + made);
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(PngFile.readText(made).get("parameters")).contains("Size: 48x64");
        assertThat(generate(PROMPT, "--image", "" + start, "--expand", "up=8").err())
                .contains("--expand", "up");
    }

    private static CommandRun generate(String... args) {
        return CommandRun.of(
                Stream.concat(Stream.of("generate"), Stream.of(args)).toArray(String[]::new));
    }

    private static boolean same(BufferedImage one, BufferedImage other) {
        return Arrays.equals(pixels(one), pixels(other));
    }

    private static int[] pixels(BufferedImage image) {
        return image.getRGB(0, 0, image.getWidth(), image.getHeight(), null, 0, image.getWidth());
    }
}
