package io.latent4j.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.latent4j.core.image.PngFile;
import io.latent4j.pipeline.request.AdapterUse;
import io.latent4j.pipeline.request.GenerationRequest;
import io.latent4j.pipeline.request.Prompt;
import io.latent4j.service.job.JobSpec;
import io.latent4j.service.job.SourceImages;
import io.latent4j.textencoder.PromptSyntax;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.ai.content.Media;
import org.springframework.ai.image.ImageMessage;
import org.springframework.ai.image.ImagePrompt;
import org.springframework.core.io.ByteArrayResource;
import org.springframework.util.MimeTypeUtils;

class PromptJobTest {
    private final SourceImages images = new SourceImages();

    @AfterEach
    void close() {
        images.close();
    }

    private JobSpec spec(Latent4jImageOptions options, ImageMessage... messages) throws IOException {
        return new PromptJob(new ImagePrompt(List.of(messages)), options).spec(images);
    }

    private static Media image(String name) {
        byte[] png = PngFile.bytes(new BufferedImage(2, 2, BufferedImage.TYPE_INT_RGB), Map.of());
        return Media.builder()
                .mimeType(MimeTypeUtils.IMAGE_PNG)
                .data(new ByteArrayResource(png))
                .name(name)
                .build();
    }

    @Test
    void everythingOpenIsTheEmbeddedModelAsItIs() throws IOException {
        JobSpec spec = spec(Latent4jImageOptions.NONE, new ImageMessage("a star"));

        assertThat(spec).isEqualTo(new JobSpec(new GenerationRequest("a star")).withModel("embedded"));
    }

    @Test
    void optionsBecomeTheRequest() throws IOException {
        Latent4jImageOptions options = Latent4jImageOptions.builder()
                .n(2)
                .model("one")
                .width(64)
                .height(128)
                .responseFormat("b64_json")
                .negativePrompt("text")
                .promptSyntax(PromptSyntax.PLAIN)
                .clipSkip(2)
                .scheduler("euler")
                .steps(3)
                .guidanceScale(4.5)
                .guidanceRescale(0.5)
                .seed(-1L)
                .batchSize(2)
                .strength(0.8)
                .adapters(Map.of("ink", 0.9))
                .build();

        JobSpec spec = spec(options, new ImageMessage("a star"));

        assertThat(spec)
                .isEqualTo(new JobSpec(new GenerationRequest("a star")
                                .withNegativePrompt("text")
                                .withPromptSyntax(PromptSyntax.PLAIN)
                                .withClipSkip(2)
                                .withCount(2)
                                .withBatchSize(2)
                                .withSeed(-1)
                                .withSize(64, 128)
                                .withScheduler("euler")
                                .withSteps(3)
                                .withGuidanceScale(4.5)
                                .withGuidanceRescale(0.5)
                                .withAdapters(new AdapterUse("ink", 0.9)))
                        .withModel("one"));
    }

    @Test
    void messagesOfNegativeWeightAreNotShown() throws IOException {
        JobSpec spec = spec(
                Latent4jImageOptions.builder().negativePrompt("blur").build(),
                new ImageMessage("a star"),
                new ImageMessage("on a hill", 1f),
                new ImageMessage("night", 1.3f),
                new ImageMessage("text", -1f),
                new ImageMessage("frames", -0.5f));

        assertThat(spec.request().prompt())
                .isEqualTo(new Prompt("a star, on a hill, (night:1.3)").withNegative("blur, text, (frames:0.5)"));
    }

    @Test
    void refusesWeightsThatMeanNothing() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> spec(Latent4jImageOptions.NONE, new ImageMessage("a star", 0f)))
                .withMessageContaining("the weight of a message is 0.0; expected a number above 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> spec(Latent4jImageOptions.NONE, new ImageMessage("a star", Float.NaN)))
                .withMessageContaining("the weight of a message is NaN");
        Latent4jImageOptions plain =
                Latent4jImageOptions.builder().promptSyntax(PromptSyntax.PLAIN).build();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> spec(plain, new ImageMessage("a star", 1.5f)))
                .withMessageContaining("prompts are plain text without weights");
    }

    @Test
    void anImageOfAMessageIsStartedFrom() throws IOException {
        Latent4jImageOptions options =
                Latent4jImageOptions.builder().strength(0.5).build();

        JobSpec spec = spec(options, new ImageMessage("a star", 1f, List.of(image("photo"), image("mask")), Map.of()));

        assertThat(spec.source()).hasValueSatisfying(source -> {
            assertThat(source.image()).exists();
            assertThat(source.strength()).isEqualTo(OptionalDouble.of(0.5));
            assertThat(source.mask())
                    .hasValueSatisfying(mask -> assertThat(mask.image()).exists());
        });
    }

    @Test
    void aStrengthAloneHasNoEffect() throws IOException {
        JobSpec spec = spec(Latent4jImageOptions.builder().strength(0.5).build(), new ImageMessage("a star"));

        assertThat(spec.source()).isEqualTo(Optional.empty());
    }

    @Test
    void refusesImagesThatAreTooManyOrElsewhere() {
        ImageMessage two = new ImageMessage("a star", 1f, List.of(image("one"), image("two")), Map.of());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> spec(Latent4jImageOptions.NONE, two))
                .withMessageContaining("the messages carry 2 images and 0 masks");
        ImageMessage maskAlone = new ImageMessage("a star", 1f, List.of(image("mask")), Map.of());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> spec(Latent4jImageOptions.NONE, maskAlone))
                .withMessageContaining("the messages carry 0 images and 1 masks");
        Media address = new Media(MimeTypeUtils.IMAGE_PNG, URI.create("https://example.com/image.png"));
        ImageMessage elsewhere = new ImageMessage("a star", 1f, List.of(address), Map.of());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> spec(Latent4jImageOptions.NONE, elsewhere))
                .withMessageContaining("an image of a message is an address; expected its bytes");
    }

    @Test
    void refusesOtherFormats() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> spec(
                        Latent4jImageOptions.builder().responseFormat("url").build(), new ImageMessage("a star")))
                .withMessageContaining("the response format is \"url\"; expected b64_json");
    }
}
