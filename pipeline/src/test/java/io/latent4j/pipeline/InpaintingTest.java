package io.latent4j.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.latent4j.pipeline.model.Components;
import io.latent4j.pipeline.request.Expansion;
import io.latent4j.pipeline.request.GenerationRequest;
import io.latent4j.pipeline.request.Inpainting;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(EmbeddedParts.class)
public class InpaintingTest {
    private static final GenerationRequest REQUEST = new GenerationRequest("a big red circle on a black background")
            .withSeed(0)
            .withSteps(6);
    private static Components parts;
    private static TextToImagePipeline pipeline;
    private static BufferedImage image;

    @BeforeAll
    static void load(Components embedded) {
        parts = embedded;
        pipeline = new TextToImagePipeline(parts);
        image = new BufferedImage(64, 64, BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < 64; y++) {
            for (int x = 0; x < 64; x++) {
                image.setRGB(x, y, (x << 18) | (y << 2));
            }
        }
    }

    @Test
    void leavesEveryPixelOutsideTheMaskAsItIs() {
        BufferedImage made = pipeline.generate(REQUEST.withImage(image).withMask(mask(64, 64, 16, 16, 32, 32)))
                .image();
        int changed = 0;
        for (int y = 0; y < 64; y++) {
            for (int x = 0; x < 64; x++) {
                boolean inside = x >= 16 && x < 48 && y >= 16 && y < 48;
                boolean same = made.getRGB(x, y) == image.getRGB(x, y);
                assertThat(inside || same).as("pixel %s, %s", x, y).isTrue();
                changed += same ? 0 : 1;
            }
        }
        assertThat(changed).isGreaterThan(32 * 32 / 2);
    }

    @Test
    void aMaskThatIsWhiteAllOverMakesTheImageAnew() {
        BufferedImage anew = pipeline.generate(REQUEST.withImage(image).withMask(mask(64, 64, 0, 0, 64, 64)))
                .image();
        BufferedImage other = pipeline.generate(REQUEST.withImage(new BufferedImage(64, 64, BufferedImage.TYPE_INT_RGB))
                        .withMask(mask(64, 64, 0, 0, 64, 64)))
                .image();
        assertThat(Differences.largest(anew, other)).isLessThanOrEqualTo(1);
    }

    @Test
    void worksOnTheMaskedPartAtTheModelsOwnSize() {
        BufferedImage large = new BufferedImage(300, 200, BufferedImage.TYPE_INT_RGB);
        Inpainting part = new Inpainting(mask(300, 200, 250, 20, 20, 30)).onlyMasked(10);
        Generation generation = pipeline.generate(REQUEST.withImage(large).withInpainting(part));
        BufferedImage made = generation.image();
        assertThat(generation.results().get(0).parameters()).contains("Size: 64x64");
        assertThat(generation.warnings()).isEmpty();
        assertThat(made.getWidth()).isEqualTo(300);
        assertThat(made.getHeight()).isEqualTo(200);
        int changed = 0;
        for (int y = 0; y < 200; y++) {
            for (int x = 0; x < 300; x++) {
                boolean inside = x >= 250 && x < 270 && y >= 20 && y < 50;
                boolean black = (made.getRGB(x, y) & 0xFFFFFF) == 0;
                assertThat(inside || black).as("pixel %s, %s", x, y).isTrue();
                changed += black ? 0 : 1;
            }
        }
        assertThat(changed).isPositive();
    }

    @Test
    void growsTheImageAndKeepsItsMiddle() {
        BufferedImage made = pipeline.generate(REQUEST.withImage(image).withExpansion(new Expansion(16, 0, 0, 32)))
                .image();
        assertThat(made.getWidth()).isEqualTo(80);
        assertThat(made.getHeight()).isEqualTo(96);
        assertThat(made.getRGB(16 + 60, 3)).isEqualTo(image.getRGB(60, 3));
        assertThat(made.getRGB(16 + 40, 20)).isEqualTo(image.getRGB(40, 20));
    }

    @Test
    void leavesNoArraysBehind() throws Exception {
        GenerationRequest request = REQUEST.withImage(image).withMask(mask(64, 64, 0, 0, 32, 64));
        pipeline.generate(request);
        ManagedArrays.staysTheSame(parts, () -> {
            pipeline.generate(request.withStrength(0.5).withScheduler("heun"));
        });
    }

    @Test
    void refusesWhatContradictsItself() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> pipeline.generate(REQUEST.withMask(mask(64, 64, 0, 0, 8, 8))))
                .withMessage("there is a mask, but there is no image to start from; expected one before it");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> pipeline.generate(REQUEST.withImage(image).withMask(mask(64, 32, 0, 0, 8, 8))))
                .withMessage("the mask is 64x32 and the image 64x64; expected a mask of the image's size");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> pipeline.generate(REQUEST.withImage(image).withMask(mask(64, 64, 0, 0, 0, 0))))
                .withMessageContaining("the mask is black all over");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> REQUEST.withExpansion(new Expansion(1, 0, 0, 0)))
                .withMessage("there is an expansion, but there is no image to start from; expected one before it");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Expansion(0, 0, 0, 0))
                .withMessage("expansion is 0; expected some pixels on a side at least");
    }

    public static BufferedImage mask(int width, int height, int x, int y, int wide, int high) {
        BufferedImage mask = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = mask.createGraphics();
        graphics.setColor(Color.WHITE);
        graphics.fillRect(x, y, wide, high);
        graphics.dispose();
        return mask;
    }
}
