package io.latent4j.server.a1111;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.latent4j.core.image.PngFile;
import io.latent4j.server.api.ApiException;
import io.latent4j.server.api.ImageEncoding;
import io.latent4j.server.api.Limits;
import io.latent4j.server.api.Uploads;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ExtrasTest {
    private static final Limits LIMITS = new Limits(1 << 20, 1_000_000, 300 * 300, 1, 2, 1, 1, 1 << 20);

    @TempDir
    private Path folder;

    /** 40x20, red at the left and blue at the right. */
    private static String image() {
        BufferedImage image = new BufferedImage(40, 20, BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < 20; y++) {
            for (int x = 0; x < 40; x++) {
                image.setRGB(x, y, x < 20 ? 0xff0000 : 0x0000ff);
            }
        }
        return Base64.getEncoder().encodeToString(PngFile.bytes(image, Map.of("parameters", "a boat\nSteps: 3")));
    }

    private JsonObject answer(String more) {
        JsonObject body = JsonParser.parseString("{" + more + "}").getAsJsonObject();
        body.addProperty("image", image());
        return new Extras(new Uploads(folder, LIMITS), LIMITS).single(new LenientFields(body), ImageEncoding.PNG);
    }

    private static byte[] png(JsonObject answer) {
        return Base64.getDecoder().decode(answer.get("image").getAsString());
    }

    private BufferedImage made(String more) throws IOException {
        return ImageIO.read(new ByteArrayInputStream(png(answer(more))));
    }

    private void assertSize(String more, int width, int height) throws IOException {
        BufferedImage image = made(more);
        assertThat(image.getWidth()).as(more).isEqualTo(width);
        assertThat(image.getHeight()).as(more).isEqualTo(height);
    }

    @Test
    void makesImagesLargerAndSmaller() throws Exception {
        for (String way : new String[] {"Lanczos", "nearest", " Pixels"}) {
            String by = "\"upscaler_1\": \"" + way + "\"";
            assertSize(by, 80, 40); // twice, if nothing is said
            assertSize(by + ", \"upscaling_resize\": 0.5", 20, 10);
            assertSize(by + ", \"resize_mode\": 1, \"upscaling_resize_w\": 60, \"upscaling_resize_h\": 60", 60, 60);
            assertSize(
                    by + ", \"resize_mode\": 1, \"upscaling_resize_w\": 60, \"upscaling_resize_h\": 60,"
                            + " \"upscaling_crop\": false",
                    120,
                    60);
        }
        BufferedImage middle = made("\"upscaler_1\": \"Nearest\", \"resize_mode\": 1, \"upscaling_resize_w\": 60,"
                + " \"upscaling_resize_h\": 60");
        assertThat(middle.getRGB(29, 30)).isEqualTo(0xffff0000);
        assertThat(middle.getRGB(30, 30)).isEqualTo(0xff0000ff);
    }

    @Test
    void leavesAnImageAloneWithoutAnUpscaler() throws Exception {
        for (String more : new String[] {"", "\"upscaler_1\": \"None\"", "\"upscaler_1\": \"\""}) {
            assertSize(more, 40, 20);
            assertThat(answer(more).getAsJsonArray("warnings").toString()).contains("upscaler_1 is None");
        }
        assertThat(answer("\"upscaling_resize\": 1").getAsJsonArray("warnings")).isEmpty();
    }

    @Test
    void keepsTheTextsOfTheImage() throws Exception {
        Path file = Files.write(
                folder.resolve("made.png"), png(answer("\"upscaler_1\": \"Lanczos\", \"upscaling_resize\": 3")));
        assertThat(PngFile.readText(file))
                .containsEntry("parameters", "a boat\nSteps: 3")
                .containsEntry("postprocessing", "Postprocess upscale by: 3.0, Postprocess upscaler: Lanczos");
    }

    @Test
    void saysWhatItCannotDo() {
        refused("\"upscaler_1\": \"ESRGAN_4x\"", "upscaler_1 is \"ESRGAN_4x\"");
        refused("\"upscaler_1\": \"Lanczos\", \"upscaling_resize\": 0", "upscaling_resize is 0");
        refused("\"upscaler_1\": \"Lanczos\", \"upscaling_resize\": 1e300", "the image would have");
        refused("\"upscaler_1\": \"Lanczos\", \"upscaling_resize\": 12", "480x240 pixels; expected at most 90000");
        refused("\"resize_mode\": 2", "resize_mode is 2");
        refused("\"resize_mode\": 1, \"upscaling_resize_w\": 0", "upscaling_resize_w is 0");
        assertThat(answer("\"gfpgan_visibility\": 1, \"upscalerr\": 3, \"upscaling_resize\": 1")
                        .getAsJsonArray("warnings")
                        .toString())
                .contains("gfpgan_visibility has no effect")
                .contains("upscalerr");
        assertThatThrownBy(() -> answer("\"upscaling_resize\": \"twice\"")).isInstanceOf(WrongFieldsException.class);
    }

    private void refused(String more, String message) {
        assertThatThrownBy(() -> answer(more)).isInstanceOf(ApiException.class).hasMessageContaining(message);
    }

    @Test
    void changesSeveralAndNoMoreThanOneMay() {
        String each = "{\"data\": \"" + image() + "\", \"name\": \"a\"}";
        Extras extras = new Extras(new Uploads(folder, LIMITS), LIMITS);
        JsonObject two = JsonParser.parseString("{\"imageList\": [" + each + "," + each + "]}")
                .getAsJsonObject();
        assertThat(extras.several(new LenientFields(two), ImageEncoding.PNG).getAsJsonArray("images"))
                .hasSize(2);
        two.getAsJsonArray("imageList").add(two.getAsJsonArray("imageList").get(0));
        assertThatThrownBy(() -> extras.several(new LenientFields(two), ImageEncoding.PNG))
                .hasMessageContaining("3 images; expected at most 2");
        two.getAsJsonArray("imageList").remove(2);
        two.addProperty("upscaler_1", "Nearest");
        two.addProperty("upscaling_resize", 10); // 80,000 pixels of each
        Limits less = new Limits(1 << 20, 1_000_000, 80_000, 1, 64, 1, 1, 1 << 20);
        Extras many = new Extras(new Uploads(folder, less), less);
        for (int i = 2; i < 4; i++) {
            two.getAsJsonArray("imageList").add(two.getAsJsonArray("imageList").get(0));
        }
        assertThat(many.several(new LenientFields(two), ImageEncoding.PNG).getAsJsonArray("images"))
                .hasSize(4);
        two.getAsJsonArray("imageList").add(two.getAsJsonArray("imageList").get(0));
        assertThatThrownBy(() -> many.several(new LenientFields(two), ImageEncoding.PNG))
                .hasMessageContaining("400000 pixels together; expected at most 320000");
        JsonObject wrong = JsonParser.parseString("{\"imageList\": [1, {}]}").getAsJsonObject();
        assertThatThrownBy(() -> extras.several(new LenientFields(wrong), ImageEncoding.PNG))
                .isInstanceOf(WrongFieldsException.class);
    }
}
