package io.latent4j.cli.convert;

import static org.assertj.core.api.Assertions.assertThat;

import io.latent4j.cli.CommandRun;
import io.latent4j.cli.output.ExitCode;
import io.latent4j.core.weights.Checkpoint;
import io.latent4j.core.weights.StoredType;
import io.latent4j.pipeline.model.EmbeddedModel;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConvertCommandTest {

    @TempDir
    Path folder;

    @Test
    void aFolderBecomesASingleFileThatMakesTheSameImage() throws IOException {
        try (EmbeddedModel model = EmbeddedModel.unpack()) {
            String file = folder.resolve("shapes.safetensors").toString();
            CommandRun run = CommandRun.of("convert", model.folder().toString(), file);
            assertThat(run.code()).as(run.message()).isZero();
            assertThat(run.out().strip()).isEqualTo(file);
            generate("folder.png", "-m" + model.folder());
            generate("file.png", "-m" + file, "--config=" + model.folder());
            assertThat(pixels("file.png")).isEqualTo(pixels("folder.png"));
        }
    }

    private void generate(String name, String... model) {
        List<String> args = new ArrayList<>(List.of("generate", "a red circle", "--steps=2", "--seed=1", "-q"));
        args.addAll(List.of(model));
        args.add("-o" + folder.resolve(name));
        CommandRun run = CommandRun.of(args.toArray(String[]::new));
        assertThat(run.code()).as(run.message()).isZero();
    }

    private int[] pixels(String name) throws IOException {
        BufferedImage image = ImageIO.read(folder.resolve(name).toFile());
        return image.getRGB(0, 0, image.getWidth(), image.getHeight(), null, 0, image.getWidth());
    }

    @Test
    void anAutoencoderIsTakenFromElsewhere() throws IOException {
        try (EmbeddedModel model = EmbeddedModel.unpack()) {
            Path without = folder.resolve("without");
            try (var files = Files.walk(model.folder())) {
                for (Path from : files.filter(Files::isRegularFile).toList()) {
                    Path name = model.folder().relativize(from);
                    if (!name.startsWith("vae")) {
                        Files.createDirectories(without.resolve(name).getParent());
                        Files.copy(from, without.resolve(name));
                    }
                }
            }
            String file = folder.resolve("whole.safetensors").toString();
            CommandRun refused = CommandRun.of("convert", without.toString(), file);
            assertThat(refused.code()).isEqualTo(ExitCode.FAILED);
            assertThat(refused.message())
                    .contains(without + ": has no autoencoder")
                    .endsWith(", by --vae");
            CommandRun run = CommandRun.of(
                    "convert",
                    without.toString(),
                    file,
                    "--vae",
                    model.folder().resolve("vae").toString());
            assertThat(run.code()).as(run.message()).isZero();
            generate("folder.png", "-m" + model.folder());
            generate("file.png", "-m" + file, "--config=" + model.folder());
            assertThat(pixels("file.png")).isEqualTo(pixels("folder.png"));
        }
    }

    @Test
    void whatIsForSingleFilesIsRefusedOfAFolder() {
        CommandRun run = CommandRun.of("convert", folder.toString(), folder + "/out", "--prediction-type=epsilon");
        assertThat(run.code()).isEqualTo(ExitCode.BAD_REQUEST);
        assertThat(run.message())
                .contains("--prediction-type: for a model in a single file; found " + folder)
                .doesNotContain("--scheduler-setting");
    }

    @Test
    void weightsTakeTheTypeAskedFor() throws IOException {
        try (EmbeddedModel model = EmbeddedModel.unpack()) {
            Path out = folder.resolve("out");
            CommandRun run = CommandRun.of("convert", model.folder().toString(), out.toString(), "--dtype", "bfloat16");
            assertThat(run.code()).as(run.message()).isZero();
            try (Checkpoint weights = Checkpoint.open(out.resolve("vae"), "diffusion_pytorch_model")) {
                assertThat(weights.tensors().values()).allMatch(info -> info.type() == StoredType.BF16);
            }
        }
    }

    /** What looks like a file's name does not become a folder's. */
    @ParameterizedTest
    @ValueSource(strings = {"x.ckpt", "x.PT", "x.bin"})
    void otherFilesThanSafetensorsAreRefused(String name) {
        CommandRun run =
                CommandRun.of("convert", folder.toString(), folder.resolve(name).toString());
        assertThat(run.code()).isEqualTo(ExitCode.BAD_REQUEST);
        assertThat(run.message()).contains(name + ": single files are written as .safetensors");
        assertThat(folder.resolve(name)).doesNotExist();
    }

    @Test
    void whatDoesNotGoTogetherIsRefused() throws IOException {
        assertThat(CommandRun.of("convert", folder + "/none", folder + "/x").message())
                .contains("there is no such folder or file");
        assertThat(CommandRun.of("convert", folder.toString(), folder + "/x", "--layout", "original")
                        .message())
                .contains("the original layout is a file .safetensors");
        Path text = Files.writeString(folder.resolve("a.ckpt"), "no weights at all");
        assertThat(CommandRun.of("convert", text.toString(), folder + "/x").message())
                .contains(text + ": ");
    }
}
