package io.latent4j.vae;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.latent4j.core.image.Images;
import io.latent4j.core.nn.NamedBlock;
import io.latent4j.core.nn.Pass;
import io.latent4j.core.nn.Precision;
import io.latent4j.core.random.TorchRandom;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.Rectangle;
import java.awt.geom.Ellipse2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TilesTest {
    private static final Path EMBEDDED = Path.of("../model-shapes/src/main/resources/latent4j/embedded-model/vae");
    private static final AutoencoderTinyConfig TINY =
            new AutoencoderTinyConfig(3, 4, 8, List.of(1, 1, 1), List.of(1, 1, 1), 1);
    private static final AutoencoderKLConfig KL =
            new AutoencoderKLConfig(3, 3, List.of(8, 16), 1, 4, 4, true, true, true, 1, 0, false);

    /** Without normalization tiles have all that their pixels depend on, so nothing but rounding may differ. */
    @ParameterizedTest
    @ValueSource(ints = {40, 64, 100})
    void withoutNormalizationTilesAreTheWhole(int side) {
        try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
            TinyDecoder decoder = new TinyDecoder(TINY);
            TinyEncoder encoder = new TinyEncoder(TINY);
            fill(decoder, manager);
            fill(encoder, manager);
            NDArray latents = new TorchRandom(1).normal(manager, new Shape(1, 4, 26, 19));
            NDArray images = new TorchRandom(2).normal(manager, new Shape(1, 3, 104, 76));

            NDArray decoded = new Tiles(decoder.stages()).forward(Pass.inference(), latents, side);
            NDArray encoded = new Tiles(encoder.stages()).forward(Pass.inference(), images, side);

            assertNear(decoded, decoder.forward(Pass.inference(), latents), 1e-5);
            assertNear(encoded, encoder.forward(Pass.inference(), images), 1e-5);
        }
    }

    /** The embedded model's: with normalization, the samples' error is all there is. */
    @Test
    void withNormalizationTheWholeImageIsNear() throws IOException {
        try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
            AutoencoderKL vae = AutoencoderKL.load(EMBEDDED, manager, Precision.FLOAT32);
            Pass pass = Pass.inference();
            NDArray pixels = Images.toArray(manager, shapes());
            NDArray latents = vae.encode(pass, pixels).mode();
            NDArray whole = vae.decode(pass, latents);

            NDArray tiled = vae.decodeInTiles(pass, latents, 160, 1000);
            NDArray reference = new TiledAutoencoder(vae, 40, 0.25).decode(pass, latents);
            NDArray encoded = vae.encodeInTiles(pass, pixels, 160, 1000).mode();

            assertNear(tiled, whole, 0.12); // of [-1, 1]
            assertThat(mean(tiled, whole)).isLessThan(0.015).isLessThan(mean(reference, whole) * 0.75);
            assertThat(largest(tiled, whole)).isLessThan(largest(reference, whole) / 4); // where seams would show
            assertThat(mean(encoded, latents)).isLessThan(0.1);
        }
    }

    private static double largest(NDArray found, NDArray expected) {
        return found.sub(expected).abs().max().getFloat();
    }

    private static double mean(NDArray found, NDArray expected) {
        return found.sub(expected).abs().mean().getFloat();
    }

    private static BufferedImage shapes() {
        BufferedImage image = new BufferedImage(256, 192, BufferedImage.TYPE_INT_RGB);
        Graphics2D g = image.createGraphics();
        g.setColor(Color.WHITE);
        g.fillRect(0, 0, 256, 192);
        List<Color> colours = List.of(Color.RED, Color.BLUE, Color.GREEN, Color.BLACK, Color.YELLOW);
        Random random = new Random(5);
        for (int i = 0; i < 12; i++) {
            g.setColor(colours.get(i % 5));
            int side = 25 + random.nextInt(40);
            int x = random.nextInt(256 - side);
            int y = random.nextInt(192 - side);
            g.fill(i % 2 == 0 ? new Ellipse2D.Float(x, y, side, side) : new Rectangle(x, y, side, side));
        }
        g.dispose();
        return image;
    }

    /** An image that is small enough goes through as a whole, to the bit. */
    @Test
    void smallImagesAreNotCut() {
        try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
            AutoencoderKL vae = new AutoencoderKL(KL);
            fill(vae, manager);
            NDArray latents = new TorchRandom(1).normal(manager, new Shape(1, 4, 8, 8));

            assertThat(vae.decodeInTiles(Pass.inference(), latents, 64).toFloatArray())
                    .containsExactly(vae.decode(Pass.inference(), latents).toFloatArray());
        }
    }

    private static void assertNear(NDArray found, NDArray expected, double bound) {
        assertThat(found.getShape()).isEqualTo(expected.getShape());
        assertThat(largest(found, expected)).isLessThan(bound);
    }

    private static void fill(NamedBlock block, NDManager manager) {
        TorchRandom random = new TorchRandom(3);
        block.load("random weights", block.shapes(), key -> {
            Shape shape = block.shapes().get(key);
            NDArray values = random.normal(manager, shape);
            return shape.dimension() == 1
                    ? values.mul(0.1).add(key.endsWith("weight") ? 1 : 0)
                    : values.div(Math.sqrt((double) shape.size() / shape.get(0)));
        });
    }
}
