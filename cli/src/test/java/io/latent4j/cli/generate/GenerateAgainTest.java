package io.latent4j.cli.generate;

import static org.assertj.core.api.Assertions.assertThat;

import io.latent4j.cli.CommandRun;
import io.latent4j.cli.output.ExitCode;
import io.latent4j.core.image.PngFile;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** {@code generate --from}: an image again, by the text that it carries. */
class GenerateAgainTest {
    @TempDir
    private Path folder;

    /** Options of a run, whose image its own text makes again. */
    static Stream<List<String>> makesAnImageAgain() {
        return Stream.of(
                List.of("a red circle, café 赤", "-n", "blue, \"green\"", "--seed", "18446744073709551615"),
                List.of("a [(red:1.4)|blue] circle", "--clip-skip=2", "--prompt-syntax=plain", "-g2", "--width=96"),
                List.of("x", "--seed=5", "--variation-seed=9", "--variation-strength=0.25", "--scheduler=Euler A"),
                List.of("x", "--scheduler=dpm++2m", "--sigmas=14.6,2.5,0", "--scheduler-setting=solver_order=3"),
                List.of("x", "--scheduler=dpm++2m karras", "--guidance-rescale=0.5", "--guidance-start=0.1"),
                List.of("x", "--timesteps=999,499,19", "--eta=0.5"),
                List.of("x", "--scheduler=euler", "--scheduler-setting=use_karras_sigmas=true", "--guidance-end=0.9"),
                List.of(
                        "x",
                        "--cfg-plus-plus",
                        "--dynamic-thresholding=0.99",
                        "--pag-scale=2",
                        "--pag-layers=mid_block"),
                List.of("x", "--upscale=1.25", "--upscale-strength=0.6", "--upscale-steps=3", "--upscaler=bicubic"),
                List.of("x", "--vae-tiling=64", "--width=128", "--height=128"));
    }

    @ParameterizedTest
    @MethodSource
    void makesAnImageAgain(List<String> options) throws IOException {
        Path first = folder.resolve("first.png");
        Path again = folder.resolve("again.png");
        Stream<String> steps = options.stream().noneMatch(option -> option.matches("--(sigmas|timesteps).*"))
                ? Stream.of("--steps=2")
                : Stream.of();
        CommandRun made = generate(Stream.concat(Stream.concat(options.stream(), steps), Stream.of("-o" + first))
                .toArray(String[]::new));
        assertThat(made.code()).as(made.err()).isZero();

        CommandRun run = generate("--from", "" + first, "-q", "-o", "" + again);

        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.err()).isEmpty();
        assertThat(again).hasSameBinaryContentAs(first);
    }

    @Test
    void changesWhatAnImageWasMadeWith() throws IOException {
        Path first = folder.resolve("first.png");
        generate("a star", "-n", "rain", "--seed=3", "--steps=2", "--eta=0.5", "-g2", "-o" + first);
        Path again = folder.resolve("again.png");

        CommandRun run = generate("a boat", "--from", "" + first, "--scheduler=euler", "--seed=4", "-o" + again);

        assertThat(run.code()).as(run.err()).isZero();
        assertThat(PngFile.readText(again).get("parameters"))
                .startsWith("a boat\nNegative prompt: rain\nSteps: 2, Sampler: Euler, CFG scale: 2, Seed: 4,")
                .doesNotContain("Eta");
    }

    @Test
    void saysWhatAnImageDoesNotTell() throws IOException {
        Path other = folder.resolve("other.png");
        BufferedImage image = new BufferedImage(8, 8, BufferedImage.TYPE_INT_RGB);
        PngFile.write(
                other,
                image,
                Map.of(
                        "parameters",
                        "a star\nSteps: 2, Sampler: DDIM, Seed: 3, Size: 64x64, Denoising strength: 0.5,"
                                + " Face restoration: CodeFormer"));
        Path made = folder.resolve("made.png");
        CommandRun run = generate("--from", "" + other, "-o" + made);
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.err())
                .contains(
                        "warning: Face restoration is \"CodeFormer\", which is not understood; it is left out",
                        "was made with the help of an image to start from, not in its text; expected --image,");
        CommandRun given = generate("--from", "" + other, "--image", "" + other, "-o" + made);
        assertThat(given.code()).as(given.err()).isZero();
        assertThat(given.err()).doesNotContain("an image to start from");
        assertThat(PngFile.readText(made).get("parameters")).contains("Denoising strength: 0.5");

        for (String absent : List.of("nowhere", "owner/name")) { // nothing is fetched because an image says so
            PngFile.write(other, image, Map.of("parameters", "a star\nSteps: 1, Model: " + absent));
            CommandRun model = generate("--from", "" + other, "-o" + made);
            assertThat(model.code()).isEqualTo(ExitCode.BAD_REQUEST);
            assertThat(model.message())
                    .contains("the image was made by the model " + absent + ", which is not here; give it by --model");
        }
        PngFile.write(other, image, Map.of());
        CommandRun without = generate("--from", "" + other, "-o" + made);
        assertThat(without.code()).isEqualTo(ExitCode.BAD_REQUEST);
        assertThat(without.message()).contains("other.png: has no text \"parameters\"");
        assertThat(generate("--from", folder + "/none.png").code()).isEqualTo(ExitCode.FAILED);
    }

    private static CommandRun generate(String... args) {
        return CommandRun.of(
                Stream.concat(Stream.of("generate"), Stream.of(args)).toArray(String[]::new));
    }
}
