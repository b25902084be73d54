package io.latent4j.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.latent4j.core.nn.Pass;
import io.latent4j.core.random.TorchRandom;
import io.latent4j.core.weights.SafeTensors;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The pictures that came with the embedded model, made by the reference implementation, from prompt and seed alone. */
class EmbeddedModelTest {
    private static final Path EXPECTED = Path.of("src/test/resources/expected");
    private static Components parts;
    private static SafeTensors tensors;

    @BeforeAll
    static void load() throws IOException {
        parts = Components.embedded(Device.cpu(), DataType.FLOAT32);
        tensors = SafeTensors.open(EXPECTED.resolve("cases.safetensors"));
    }

    @AfterAll
    static void close() throws IOException {
        tensors.close();
        parts.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void makesTheReferencePictureFromPromptAndSeed(int index) throws IOException {
        GenerationRequest request = request(index);

        BufferedImage picture =
                new StableDiffusionPipeline(parts).generate(request).image();

        BufferedImage expected = ImageIO.read(EXPECTED.resolve(index + ".png").toFile());
        assertThat(Differences.largest(picture, expected)).isLessThanOrEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void reachesTheReferenceLatents(int index) throws IOException {
        GenerationRequest request = request(index);
        try (NDManager manager = parts.manager().newSubManager()) {
            NDArray latents = new StableDiffusionPipeline(parts)
                    .latents(manager, request, new TorchRandom(request.seed()), Progress.NONE);
            NDArray expected = tensors.read(index + "/out.latents", manager);
            assertThat(latents.sub(expected).abs().max().getFloat()).isLessThan(5e-3f);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void readsThePromptAsTheReferenceDoes(int index) throws IOException {
        GenerationRequest request = request(index);
        try (NDManager manager = parts.manager().newSubManager()) {
            List<String> prompts = List.of(request.negativePrompt(), request.prompt());
            NDArray states = parts.textEncoder()
                    .forward(Pass.inference(), parts.tokenizer().encode(manager, prompts))
                    .last();
            NDArray expected = tensors.read(index + "/out.text", manager);
            assertThat(states.sub(expected).abs().max().getFloat()).isLessThan(1e-4f);
        }
    }

    private static GenerationRequest request(int index) throws IOException {
        JsonObject json = JsonParser.parseString(Files.readString(EXPECTED.resolve("cases.json")))
                .getAsJsonArray()
                .get(index)
                .getAsJsonObject();
        return new GenerationRequest(json.get("prompt").getAsString())
                .withSeed(json.get("seed").getAsLong())
                .withSteps(json.get("steps").getAsInt())
                .withGuidanceScale(json.get("guidance_scale").getAsDouble());
    }
}
