package io.latent4j.examples.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.langchain4j.data.image.Image;
import dev.langchain4j.exception.HttpException;
import dev.langchain4j.exception.ModelNotFoundException;
import dev.langchain4j.model.ollama.OllamaImageModel;
import dev.langchain4j.model.ollama.OllamaModels;
import dev.langchain4j.model.openai.OpenAiImageModel;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The image models of LangChain4j for OpenAI and Ollama. */
final class LangChain4jTest {
    private static final int BLUE = 0xff0000ff;
    private static final int CLEAR = 0;
    private static final Map<String, String> KEY = Map.of("Authorization", "Bearer " + RunningServer.KEY);

    @TempDir
    private Path data;

    private RunningServer server;

    @BeforeEach
    void start() {
        server = new RunningServer(data);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private OpenAiImageModel.OpenAiImageModelBuilder openAi(String name) {
        return OpenAiImageModel.builder()
                .baseUrl(server.uri() + "v1")
                .apiKey(RunningServer.KEY)
                .modelName(name)
                .size("64x64")
                .quality("low")
                .maxRetries(0);
    }

    @Test
    void generatesByOpenAisApi() {
        List<Image> images = openAi("embedded")
                .outputFormat("webp")
                .outputCompression(80)
                .build()
                .generate("a red circle", 2)
                .content();
        assertThat(images)
                .hasSize(2)
                .allSatisfy(image -> assertThat(
                                RunningServer.image(image.base64Data()).getWidth())
                        .isEqualTo(64));
    }

    @Test
    void editsByOpenAisApi() {
        Image edited = openAi("embedded")
                .build()
                .edit(image(RunningServer.png(BLUE, BLUE)), image(RunningServer.png(CLEAR, BLUE)), "a red circle")
                .content();
        BufferedImage made = RunningServer.image(edited.base64Data());
        assertThat(made.getRGB(60, 30)).isEqualTo(BLUE);
        assertThat(made.getRGB(10, 30)).isNotEqualTo(BLUE);
    }

    private static Image image(byte[] png) {
        return Image.builder()
                .base64Data(Base64.getEncoder().encodeToString(png))
                .mimeType("image/png")
                .build();
    }

    @Test
    void isToldOfModelsThatAreNotThere() {
        assertThatThrownBy(() -> openAi("gpt-image-1").build().generate("a red circle"))
                .isInstanceOfSatisfying(
                        HttpException.class, e -> assertThat(e.statusCode()).isEqualTo(404))
                .hasMessageContaining("there is no model gpt-image-1");
        assertThatThrownBy(() -> ollama("x/z-image-turbo").generate("a red circle"))
                .isInstanceOf(ModelNotFoundException.class)
                .hasMessageContaining("not found");
    }

    private OllamaImageModel ollama(String name) {
        return OllamaImageModel.builder()
                .baseUrl(server.uri().replaceAll("/$", ""))
                .customHeaders(KEY)
                .modelName(name)
                .width(64)
                .height(64)
                .steps(2)
                .seed(7)
                .maxRetries(0)
                .build();
    }

    @Test
    void generatesByOllamasApi() {
        Image image = ollama("embedded").generate("a red circle").content();
        assertThat(RunningServer.image(image.base64Data()).getWidth()).isEqualTo(64);
        assertThat(image)
                .isEqualTo(ollama("embedded:latest").generate("a red circle").content());
    }

    @Test
    void listsModelsByOllamasApi() {
        server.close();
        server = new RunningServer(data, List.of(), 100);
        OllamaModels models = OllamaModels.builder()
                .baseUrl(server.uri().replaceAll("/$", ""))
                .build();
        assertThat(models.availableModels().content())
                .singleElement()
                .satisfies(model -> assertThat(model.getName()).isEqualTo("embedded:latest"));
        assertThat(models.modelCard("embedded").content().getDetails().getFamily())
                .isEqualTo("diffusion");
        assertThat(models.runningModels().content()).isNotNull();
    }
}
