package io.latent4j.cli.generate;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.latent4j.cli.CommandRun;
import io.latent4j.pipeline.model.EmbeddedModel;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InteractiveTest {
    private final InputStream own = System.in;

    @TempDir
    private Path folder;

    @AfterEach
    void restore() {
        System.setIn(own);
    }

    private static Path weights(EmbeddedModel model) {
        return model.folder().resolve("unet").resolve("diffusion_pytorch_model.safetensors");
    }

    /** An input whose second line comes when the first has been worked on, after the model's weights are gone. */
    private static InputStream lines(EmbeddedModel model, String first, String second) {
        return new InputStream() {
            private InputStream now = new ByteArrayInputStream((first + "\n").getBytes(US_ASCII));
            private boolean last;

            @Override
            public int read() throws IOException {
                int next = now.read();
                if (next >= 0 || last) {
                    return next;
                }
                last = true;
                Files.delete(weights(model));
                now = new ByteArrayInputStream((second + "\n").getBytes(US_ASCII));
                return now.read();
            }

            @Override
            public int read(byte[] into, int offset, int length) throws IOException {
                int next = read();
                if (next < 0) {
                    return -1;
                }
                into[offset] = (byte) next;
                return next == '\n' ? 1 : 1 + Math.max(0, readRest(into, offset + 1, length - 1));
            }

            private int readRest(byte[] into, int offset, int length) throws IOException {
                int count = 0;
                for (int next = 0; count < length && next != '\n'; count++) {
                    next = now.read();
                    into[offset + count] = (byte) next;
                }
                return count;
            }
        };
    }

    @Test
    void keepsTheModelOpenFromPromptToPrompt() throws IOException {
        String[] paths = {
            folder.resolve("1.png").toString(), folder.resolve("2.png").toString()
        };
        CommandRun alone = CommandRun.of("generate", "a star", "--seed=5", "--steps=2", "-q", "-o" + paths[0]);
        assertThat(alone.code()).as(alone.err()).isZero();
        try (EmbeddedModel model = EmbeddedModel.unpack()) {
            System.setIn(lines(model, "a circle", "a star"));
            CommandRun run = CommandRun.of(
                    "generate",
                    "--interactive",
                    "-m",
                    model.folder().toString(),
                    "--seed=5",
                    "--steps=2",
                    "-o",
                    folder + "/");

            assertThat(run.code()).as(run.err()).isZero();
            assertThat(run.out().lines()).as(run.err()).hasSize(2);
            Path second = Path.of(run.out().lines().toList().get(1));
            assertThat(ImageIO.read(second.toFile()).getRGB(20, 20))
                    .isEqualTo(ImageIO.read(Path.of(paths[0]).toFile()).getRGB(20, 20));
        }
    }

    @Test
    void goesOnAfterErrorsAndOpensAnotherModelWhenItIsChosen() {
        System.setIn(new ByteArrayInputStream(
                "a star\n:width 63\na star\n:width\n:model none\na\n:model\na star\n:quit\n".getBytes(US_ASCII)));
        CommandRun run = CommandRun.of("generate", "--interactive", "--steps=1", "-q", "-o", folder + "/");

        assertThat(run.code()).isZero();
        assertThat(run.out().lines()).as(run.err()).hasSize(2);
        assertThat(run.err().toLowerCase(Locale.ROOT)).contains("width is 63", "there is no such folder or file");
    }

    @Test
    void takesNoPromptBeside() {
        CommandRun run = CommandRun.of("generate", "--interactive", "a star");

        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err()).contains("--interactive reads prompts from standard input");
    }
}
