package io.latent4j.cli.options;

import static org.assertj.core.api.Assertions.assertThat;

import io.latent4j.cli.CommandRun;
import io.latent4j.cli.Latent4j;
import io.latent4j.hub.FakeHub;
import io.latent4j.pipeline.model.EmbeddedModel;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Models by their names on a hub, on the command line of a process of its own, whose environment names the hub. */
@Timeout(300)
class HubNamesTest {
    private static final List<String> RUN = List.of("generate", "a star", "--seed", "7", "--steps", "1");

    @TempDir
    private static Path folder;

    private static FakeHub hub;
    private static int[] expected;

    @BeforeAll
    static void start() throws IOException {
        hub = new FakeHub("owner/name");
        try (EmbeddedModel model = EmbeddedModel.unpack();
                Stream<Path> files = Files.walk(model.folder())) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                hub.with(model.folder().relativize(file).toString().replace('\\', '/'), Files.readAllBytes(file));
            }
        }
        Path file = folder.resolve("own.png");
        List<String> own = new ArrayList<>(RUN);
        own.addAll(List.of("-o", file.toString()));
        assertThat(CommandRun.of(own.toArray(String[]::new)).code()).isZero();
        expected = pixels(file);
    }

    @AfterAll
    static void stop() {
        hub.close();
    }

    private static int[] pixels(Path file) throws IOException {
        BufferedImage image = ImageIO.read(file.toFile());
        return image.getRGB(0, 0, image.getWidth(), image.getHeight(), null, 0, image.getWidth());
    }

    /** Runs the command line and answers all that it prints. */
    private static String run(Map<String, String> more, List<String> args) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-cp",
                System.getProperty("java.class.path"),
                Latent4j.class.getName()));
        command.addAll(args);
        Path printed = folder.resolve("printed.txt");
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(printed.toFile());
        builder.environment()
                .putAll(Map.of(
                        "HF_ENDPOINT", hub.endpoint().toString(),
                        "HF_HOME", folder.resolve("hub").toString()));
        builder.environment().keySet().removeAll(List.of("HF_HUB_CACHE", "HF_HUB_OFFLINE", "HF_TOKEN"));
        builder.environment().putAll(more);
        Process process = builder.start();
        try {
            assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
            String text = Files.readString(printed);
            assertThat(process.exitValue()).as(text).isZero();
            return text;
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void aModelIsFetchedOnceAndThenRunsWithoutTheNetwork() throws IOException, InterruptedException {
        Path first = folder.resolve("first.png");
        List<String> fetching = new ArrayList<>(RUN);
        fetching.addAll(List.of("--model", "owner/name", "--vae", "owner/name/vae", "-o", first.toString()));
        String printed = run(Map.of(), fetching);
        assertThat(printed)
                .contains("downloading model_index.json", "downloading unet/diffusion_pytorch_model.safetensors")
                .endsWith(first + System.lineSeparator());
        assertThat(pixels(first)).isEqualTo(expected);
        assertThat(CommandRun.of("inspect", first.toString()).out()).contains("Model: owner/name,");
        fetching.add("--quiet");
        assertThat(run(Map.of("HF_HOME", folder.resolve("other").toString()), fetching))
                .isEqualTo(first + System.lineSeparator());

        Path run = Files.writeString(folder.resolve("lora.yaml"), """
                output: lora
                model: owner/name@main
                adapter: {rank: 1}
                data: {scenes: 4, set_aside: 0, size: 16}
                training: {steps: 1, batch: 1}
                """);
        hub.asked.clear();
        run(Map.of("HF_HUB_OFFLINE", "1"), List.of("train", "lora", "--config", run.toString(), "-q"));
        assertThat(hub.asked).isEmpty();
        assertThat(folder.resolve("lora/lora.safetensors")).isRegularFile();
    }
}
