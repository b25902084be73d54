package io.latent4j.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.latent4j.core.image.PngFile;
import io.latent4j.pipeline.ControlNetFolder;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** A control network with random weights, which the web UI's form and the server's own reach. */
final class ControlNetworkTest {
    @TempDir
    private static Path folder;

    @RegisterExtension
    private final RunningServer server = new RunningServer();

    private final String shape = Base64.getEncoder().encodeToString(shape());

    @BeforeAll
    static void write() throws IOException {
        ControlNetFolder.write(folder.resolve("net"));
    }

    @BeforeEach
    void list() {
        server.registry().addControlNet("edges", folder.resolve("net").toString());
    }

    /** White with a black square. */
    private static byte[] shape() {
        BufferedImage image = new BufferedImage(64, 64, BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < 64; y++) {
            for (int x = 0; x < 64; x++) {
                image.setRGB(x, y, x > 20 && x < 50 && y > 10 && y < 40 ? 0 : 0xffffff);
            }
        }
        return PngFile.bytes(image, Map.of());
    }

    private HttpResponse<String> asked(String path, String more, String units) throws Exception {
        return server.post(
                "/sdapi/v1/" + path,
                "{\"prompt\": \"a red circle\", \"steps\": 4, \"seed\": 7" + more
                        + ", \"alwayson_scripts\": {\"ControlNet\": {\"args\": [" + units + "]}}}");
    }

    private static BufferedImage image(HttpResponse<String> answer) throws IOException {
        String text = RunningServer.json(answer)
                .getAsJsonObject()
                .getAsJsonArray("images")
                .get(0)
                .getAsString();
        return ImageIO.read(new ByteArrayInputStream(Base64.getDecoder().decode(text)));
    }

    private BufferedImage made(String units) throws Exception {
        return image(asked("txt2img", "", units));
    }

    /** A unit whose weight is large enough that random weights steer. */
    private String unit(String more) {
        return "{\"model\": \"edges\", \"image\": \"" + shape + "\", \"weight\": 5" + more + "}";
    }

    /** The mean difference of a channel of a pixel. */
    private static double difference(BufferedImage a, BufferedImage b) {
        assertThat(a.getWidth()).isEqualTo(b.getWidth());
        assertThat(a.getHeight()).isEqualTo(b.getHeight());
        long sum = 0;
        for (int y = 0; y < a.getHeight(); y++) {
            for (int x = 0; x < a.getWidth(); x++) {
                for (int shift = 0; shift <= 16; shift += 8) {
                    sum += Math.abs((a.getRGB(x, y) >> shift & 0xff) - (b.getRGB(x, y) >> shift & 0xff));
                }
            }
        }
        return sum / (3.0 * a.getWidth() * a.getHeight());
    }

    @Test
    void steersTheImageOfAWebUisClient() throws Exception {
        BufferedImage alone = made("");
        BufferedImage steered = made(unit(""));
        assertThat(difference(steered, alone)).isGreaterThan(1);
        assertThat(difference(made(unit(", \"enabled\": false")), alone)).isZero();
        assertThat(difference(made(unit("").replace("\"weight\": 5", "\"weight\": 0")), alone))
                .isLessThan(0.5);
        BufferedImage early = made(unit(", \"guidance_end\": 0.5"));
        assertThat(difference(early, alone)).isPositive();
        assertThat(difference(early, steered)).isPositive();
        assertThat(difference(made(unit(", \"guidance_start\": 0.5")), early)).isPositive();
        BufferedImage guessed = made(unit(", \"control_mode\": \"ControlNet is more important\""));
        assertThat(difference(guessed, steered)).isPositive();
        assertThat(difference(made(unit(", \"control_mode\": 2")), guessed)).isZero();
        String half = unit("").replace("\"weight\": 5", "\"weight\": 2.5");
        assertThat(difference(made(half + "," + half), steered)).isLessThan(0.5);
    }

    @Test
    void steersTheSameImageByTheOwnForm() throws Exception {
        BufferedImage there = made(unit(", \"guidance_start\": 0.25, \"guidance_end\": 0.75, \"control_mode\": 2"));
        HttpResponse<String> sent =
                server.send(server.to("/api/uploads").POST(HttpRequest.BodyPublishers.ofByteArray(shape())));
        String id =
                JsonParser.parseString(sent.body()).getAsJsonObject().get("id").getAsString();
        byte[] here = server.bytes(server.to("/api/image")
                .POST(HttpRequest.BodyPublishers.ofString(
                        "{\"prompt\": \"a red circle\", \"steps\": 4, \"seed\": 7, \"controls\": [{\"name\": \"edges\","
                                + " \"image\": \"" + id
                                + "\", \"scale\": 5, \"range\": [0.25, 0.75], \"guess\": true}]}")));
        assertThat(difference(ImageIO.read(new ByteArrayInputStream(here)), there))
                .isZero();
    }

    @Test
    void steersAnImageToImage() throws Exception {
        String source = ", \"init_images\": [\"" + shape + "\"], \"denoising_strength\": 0.9";
        BufferedImage steered = image(asked("img2img", source, unit("")));
        assertThat(difference(steered, image(asked("img2img", source, "")))).isGreaterThan(1);
    }

    @Test
    void takesTheImagesSizeWhereNoneIsAskedFor() throws Exception {
        String wide = Base64.getEncoder()
                .encodeToString(PngFile.bytes(new BufferedImage(96, 48, BufferedImage.TYPE_INT_RGB), Map.of()));
        assertThat(made(unit("").replace(shape, wide)).getWidth()).isEqualTo(96);
        JsonObject scaled = RunningServer.json(
                        asked("txt2img", ", \"width\": 64, \"height\": 64", unit("").replace(shape, wide)))
                .getAsJsonObject();
        assertThat(scaled.getAsJsonArray("warnings").toString()).contains("the control image is 96x48");
    }

    @Test
    void saysWhatIsWrongWithAUnit() throws Exception {
        refused(unit("").replace("edges", "depth"), 400, "there is no control network depth", "edges");
        refused("{\"model\": \"edges\"}", 400, "a ControlNet unit has no image");
        refused("{\"image\": \"" + shape + "\"}", 400, "a ControlNet unit has no model");
        refused(unit("").replace(shape, "%%%"), 400, "alwayson_scripts.controlnet.image");
        refused(
                unit("").replace(shape, Base64.getEncoder().encodeToString(new byte[] {1, 2, 3, 4})),
                400,
                "the image in alwayson_scripts.controlnet.image cannot be read");
        refused(unit(", \"control_mode\": \"strong\""), 400, "control_mode");
        refused(unit(", \"guidance_start\": 0.9, \"guidance_end\": 0.1"), 400, "guidance_start");
        refused(unit(", \"module\": \"canny\""), 400, "module");
        refused(unit(", \"guidance_end\": \"late\""), 422, "guidance_end", "args");
    }

    private void refused(String unit, int status, String... words) throws Exception {
        HttpResponse<String> answer = asked("txt2img", "", unit);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        assertThat(answer.body()).contains(words).contains("detail");
    }

    @Test
    void saysWhatIsWrongWithAControlOfTheOwnForm() throws Exception {
        HttpResponse<String> answer = server.post(
                "/api/jobs", "{\"prompt\": \"a\", \"controls\": [{\"name\": \"edges\", \"image\": \"none\"}]}");
        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.body()).contains("controls.image");
    }
}
