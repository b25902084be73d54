package io.latent4j.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import ai.djl.Device;
import ai.djl.ndarray.types.DataType;
import dev.langchain4j.data.image.Image;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.exception.LangChain4jException;
import dev.langchain4j.exception.RateLimitException;
import dev.langchain4j.model.image.ImageModel;
import dev.langchain4j.model.output.Response;
import io.latent4j.core.docs.JavaBlocks;
import io.latent4j.core.image.PngFile;
import io.latent4j.pipeline.model.Placement;
import io.latent4j.pipeline.request.GenerationRequest;
import io.latent4j.service.JobRunner;
import io.latent4j.service.job.JobSpec;
import io.latent4j.service.queue.JobTurns;
import io.latent4j.service.registry.ModelRegistry;
import io.latent4j.textencoder.PromptSyntax;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

class Latent4jImageModelTest {
    private static final int SIDE = 64;

    private Latent4jImageModel model;

    @BeforeEach
    void open() {
        model = Latent4jImageModel.builder()
                .device("cpu")
                .steps(2)
                .seed(7)
                .grace(Duration.ofMinutes(1))
                .build();
    }

    @AfterEach
    void close() {
        model.close();
    }

    private static BufferedImage decoded(Image image) throws IOException {
        return ImageIO.read(new ByteArrayInputStream(Base64.getDecoder().decode(image.base64Data())));
    }

    private static Image encoded(BufferedImage image) {
        return Image.builder()
                .base64Data(Base64.getEncoder().encodeToString(PngFile.bytes(image, Map.of())))
                .build();
    }

    /** The left half in one colour, the right in another. */
    private static Image halves(Color left, Color right) {
        BufferedImage image = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_INT_ARGB);
        Graphics2D graphics = image.createGraphics();
        graphics.setBackground(left);
        graphics.clearRect(0, 0, SIDE / 2, SIDE);
        graphics.setBackground(right);
        graphics.clearRect(SIDE / 2, 0, SIDE / 2, SIDE);
        graphics.dispose();
        return encoded(image);
    }

    @TestFactory
    List<DynamicTest> everyJavaBlockOfThePageIsInThisFile() throws IOException {
        return JavaBlocks.standIn(
                Path.of("src/test/java/io/latent4j/langchain4j/Latent4jImageModelTest.java"),
                3,
                List.of(Path.of("..", "docs", "langchain4j.md")));
    }

    @Test
    void runsTheExamples(@TempDir Path folder) throws IOException {
        String location = "embedded";
        Path file = folder.resolve("circle.png");
        // docs/langchain4j.md
        try (Latent4jImageModel model = Latent4jImageModel.builder()
                .model(location)
                .steps(20)
                .negativePrompt("text, frames")
                .build()) {
            Image image = model.generate("a red circle on a white background").content();
            Files.write(file, Base64.getDecoder().decode(image.base64Data()));
        }
        // end
        assertThat(PngFile.readText(file).get("parameters"))
                .startsWith("a red circle on a white background\nNegative prompt: text, frames")
                .contains("Steps: 20");
    }

    @Test
    void sharesModels() {
        // docs/langchain4j.md
        try (ModelRegistry models = new ModelRegistry();
                JobTurns turns = new JobTurns(new JobRunner(models), 16, Duration.ofSeconds(10))) {
            ImageModel quick = Latent4jImageModel.builder().jobs(turns).steps(2).build();
            ImageModel slow = Latent4jImageModel.builder().jobs(turns).steps(4).build();
            quick.generate("a star");
            slow.generate("a star");
        }
        // end
        try (ModelRegistry models = new ModelRegistry();
                JobTurns turns = new JobTurns(new JobRunner(models), 0, Duration.ofMinutes(1))) {
            Latent4jImageModel shared =
                    Latent4jImageModel.builder().jobs(turns).steps(1).build();
            shared.generate("a star");
            shared.close();
            assertThat(models.isOpen("embedded")).isTrue();
            assertThat(turns.isOpen()).isTrue();
        }
    }

    @Test
    void makesAnImageAndSaysHow() throws IOException {
        Response<Image> response = model.generate("a red circle");

        assertThat(decoded(response.content()).getWidth()).isEqualTo(SIDE);
        assertThat(response.content().mimeType()).isEqualTo("image/png");
        assertThat(response.content().revisedPrompt()).isNull();
        assertThat(response.content().url()).isNull();
        assertThat(response.metadata())
                .containsEntry("model", "shapes")
                .containsEntry("seeds", List.of("7"))
                .containsEntry("warnings", List.of())
                .hasEntrySatisfying(
                        "parameters", texts -> assertThat(texts).asString().contains("a red circle", "Steps: 2"));
    }

    @Test
    void makesSeveralImages() {
        Response<List<Image>> response = model.generate("a red circle", 3);

        assertThat(response.content()).hasSize(3).doesNotHaveDuplicates();
        assertThat(response.metadata()).containsEntry("seeds", List.of("7", "8", "9"));
        assertThat(model.generate("a red circle").content())
                .isEqualTo(response.content().get(0));
    }

    @Test
    void changesAnImage() throws IOException {
        Image image = halves(Color.RED, Color.WHITE);

        Image changed = model.edit(image, "a blue circle").content();

        assertThat(decoded(changed).getWidth()).isEqualTo(SIDE);
        assertThat(changed).isNotEqualTo(model.generate("a blue circle").content());
    }

    @Test
    void repaintsWhatTheMaskSays() throws IOException {
        Image image = halves(Color.RED, Color.RED);
        Image mask = halves(Color.WHITE, Color.BLACK);
        // docs/langchain4j.md
        Image changed = model.edit(image, "a blue circle").content();
        Image repainted = model.edit(image, mask, "a green square").content();
        // end
        assertThat(changed).isNotEqualTo(repainted);
        assertRepaintedOnTheLeft(repainted);
        Color hole = new Color(0, 0, 0, 0);
        assertRepaintedOnTheLeft(
                model.edit(image, halves(hole, Color.WHITE), "a green square").content());
    }

    private static void assertRepaintedOnTheLeft(Image image) throws IOException {
        BufferedImage pixels = decoded(image);
        int changed = 0;
        for (int y = 0; y < SIDE; y++) {
            for (int x = 0; x < SIDE; x++) {
                boolean red = pixels.getRGB(x, y) == Color.RED.getRGB();
                if (x >= SIDE / 2) {
                    assertThat(red).as("pixel %d, %d", x, y).isTrue();
                } else if (!red) {
                    changed++;
                }
            }
        }
        assertThat(changed).isGreaterThan(SIDE * SIDE / 4);
    }

    @Test
    void whatIsWrongIsAnInvalidRequest() {
        Image address = Image.builder().url("https://example.com/image.png").build();
        Image text = Image.builder().base64Data("bm8gaW1hZ2U=").build();
        Image noBase64 = Image.builder().base64Data("a").build();
        Image small = encoded(new BufferedImage(8, 8, BufferedImage.TYPE_INT_RGB));

        assertInvalid(() -> model.generate("a star", 0), "count is 0");
        assertInvalid(() -> model.edit(address, "a star"), "the image is an address; expected its base64 data");
        assertInvalid(() -> model.edit(noBase64, "a star"), "the image is no base64 data");
        assertInvalid(() -> model.edit(text, "a star"), "the image cannot be read");
        assertInvalid(() -> model.edit(halves(Color.RED, Color.RED), text, "a star"), "the mask cannot be read");
        assertInvalid(() -> model.edit(halves(Color.RED, Color.RED), small, "a star"), "mask");
    }

    private static void assertInvalid(Runnable call, String message) {
        assertThatExceptionOfType(InvalidRequestException.class)
                .isThrownBy(call::run)
                .withMessageContaining(message)
                .withCauseInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void workThatFailsIsAnotherError(@TempDir Path folder) {
        try (Latent4jImageModel missing = Latent4jImageModel.builder()
                .model(folder.resolve("none").toString())
                .build()) {
            assertThatExceptionOfType(LangChain4jException.class)
                    .isThrownBy(() -> missing.generate("a star"))
                    .withMessageContaining("there is no such folder or file")
                    .isNotInstanceOf(InvalidRequestException.class);
        }
    }

    @Test
    void tooManyThatWaitMayTryAgain() {
        List<Throwable> refusals = new ArrayList<>();
        try (ModelRegistry models = new ModelRegistry(new Placement(Device.cpu(), DataType.FLOAT32));
                JobTurns turns = new JobTurns(new JobRunner(models), 0, Duration.ofMinutes(1))) {
            Latent4jImageModel other = Latent4jImageModel.builder().jobs(turns).build();
            models.addModel("asking", () -> {
                Thread asking = new Thread(() -> {
                    try {
                        other.generate("a star");
                    } catch (RateLimitException e) {
                        refusals.add(e);
                    }
                });
                asking.start();
                try {
                    asking.join();
                } catch (InterruptedException e) {
                    throw new IOException(e);
                }
                throw new IOException("asked");
            });
            Latent4jImageModel first =
                    Latent4jImageModel.builder().jobs(turns).model("asking").build();
            assertThatExceptionOfType(LangChain4jException.class)
                    .isThrownBy(() -> first.generate("a star"))
                    .withMessageContaining("asked");
        }
        assertThat(refusals).hasSize(1);
    }

    @Test
    void anInterruptEndsIt() {
        Thread.currentThread().interrupt();
        assertThatExceptionOfType(CancellationException.class).isThrownBy(() -> model.generate("a star"));
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void refusesPromptsWhenItIsClosed() {
        model.close();
        assertThatIllegalStateException().isThrownBy(() -> model.generate("a star"));
    }

    @Test
    void everySettingReachesTheJob() {
        JobSpec job = new JobSpec(new GenerationRequest("").withGuidanceRescale(0.5));
        try (Latent4jImageModel model = Latent4jImageModel.builder()
                .job(job)
                .model("embedded")
                .size(64, 72)
                .steps(1)
                .guidanceScale(4.5)
                .scheduler("euler")
                .negativePrompt("text")
                .promptSyntax(PromptSyntax.PLAIN)
                .seed(-1)
                .device("cpu")
                .precision("float32")
                .lowMemory(false)
                .mostWaiting(0)
                .build()) {
            Response<Image> response = model.generate("a (star)");
            assertThat(response.metadata()).containsEntry("seeds", List.of("18446744073709551615"));
            assertThat(response.metadata().get("parameters"))
                    .asString()
                    .contains(
                            "a (star)", "Negative prompt: text", "Size: 64x72", "Steps: 1", "CFG scale: 4.5", "Euler");
        }
    }

    @Test
    void refusesSettingsOutOfRange() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Latent4jImageModel.builder().strength(0))
                .withMessage("strength is 0.0; expected above 0, and at most 1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Latent4jImageModel.builder().steps(0));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Latent4jImageModel.builder().precision("float8"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Latent4jImageModel.builder().device("tpu").build());
    }
}
