package io.latent4j.pipeline.model.transformer;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import io.latent4j.core.random.NoiseSource;
import io.latent4j.core.weights.SafeTensors;
import io.latent4j.pipeline.TextToImagePipeline;
import io.latent4j.pipeline.files.ModelFiles;
import io.latent4j.pipeline.model.Families;
import io.latent4j.pipeline.model.Model;
import io.latent4j.pipeline.model.Placement;
import io.latent4j.pipeline.request.GenerationRequest;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;

/** A tiny model with random weights, and what the reference implementation made with it. */
public final class TinyModel {
    public static final Placement PLACEMENT = new Placement(Device.cpu(), DataType.FLOAT32);
    private static final Path RESOURCES = Path.of("src/test/resources");
    private static final Path TRANSFORMERS = Path.of("../transformer/src/test/resources/reference/models");
    private static final Path TEXT_ENCODERS = Path.of("../text-encoder/src/test/resources");

    private TinyModel() {}

    /** Copies the whole model called {@code name} to a folder; parts of it lie with other modules' tests. */
    public static Path copy(String name, Path folder) throws IOException {
        copy(RESOURCES.resolve(name), folder);
        copy(TRANSFORMERS.resolve(name), folder);
        if (Files.exists(TEXT_ENCODERS.resolve(name))) {
            copy(TEXT_ENCODERS.resolve(name), folder);
        }
        return folder;
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : (Iterable<Path>) files::iterator) {
                Path copy = to.resolve(from.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(copy);
                } else {
                    Files.copy(file, copy);
                }
            }
        }
    }

    /** Opens a model; the caller closes it. */
    public static Model open(Path folder, Placement placement) throws IOException {
        return Families.installed().open("tiny", ModelFiles.of(folder), placement);
    }

    public static int[] pixels(BufferedImage image) {
        return image.getRGB(0, 0, image.getWidth(), image.getHeight(), null, 0, image.getWidth());
    }

    public static int[] generated(Model model, GenerationRequest request) {
        return pixels(new TextToImagePipeline(model).generate(request).image());
    }

    /** The largest difference of a channel. */
    public static int difference(int[] some, int[] others) {
        int largest = 0;
        for (int i = 0; i < some.length; i++) {
            for (int shift = 0; shift < 24; shift += 8) {
                largest = Math.max(largest, Math.abs((some[i] >> shift & 255) - (others[i] >> shift & 255)));
            }
        }
        return largest;
    }

    /**
     * Asserts that a request makes one image alone, in a batch and with parts that are loaded when they are used, also where
     * its texts are kept.
     */
    public static void assertSameInABatchAndOffloaded(Path folder, Model model, GenerationRequest request)
            throws IOException {
        long seed = request.batch().seed().orElseThrow();
        int[] alone = generated(model, request);
        List<BufferedImage> batch = new TextToImagePipeline(model)
                .generate(request.withSeed(seed - 1).withCount(3).withBatchSize(3))
                .images();
        assertThat(difference(pixels(batch.get(1)), alone)).isLessThanOrEqualTo(1);
        assertThat(difference(pixels(batch.get(0)), alone)).isGreaterThan(10);
        try (Model offloaded = open(folder, PLACEMENT.offloaded())) {
            assertThat(offloaded.offloads()).isTrue();
            assertThat(generated(offloaded, request)).isEqualTo(alone);
            assertThat(generated(offloaded, request)).isEqualTo(alone);
        }
    }

    /**
     * Asserts that a request makes what the reference made of the noise that a case holds: latents within {@code atol} and
     * 1e-4 of each, and an image within one level.
     */
    public static void assertAsReference(String name, Model model, GenerationRequest request, float atol)
            throws IOException {
        TextToImagePipeline pipeline = new TextToImagePipeline(model);
        Path cases = RESOURCES.resolve("cases");
        try (NDManager manager = model.manager().newSubManager();
                SafeTensors reference = SafeTensors.open(cases.resolve(name + ".safetensors"))) {
            NDArray noise = reference.read("in.noise", manager);
            NoiseSource recorded = like -> noise.duplicate();

            NDArray latents = pipeline.latents(manager, request, recorded, event -> {});

            float[] expected = reference.read("out.final_latents", manager).toFloatArray();
            float[] got = latents.toFloatArray();
            for (int i = 0; i < expected.length; i++) {
                assertThat(Math.abs(got[i] - expected[i]))
                        .as("latent %d", i)
                        .isLessThan(atol + 1e-4f * Math.abs(expected[i]));
            }
            BufferedImage image = ImageIO.read(cases.resolve(name + ".png").toFile());
            assertThat(difference(pixels(pipeline.images(latents).get(0)), pixels(image)))
                    .isLessThanOrEqualTo(1);
        }
    }
}
