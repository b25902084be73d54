package io.latent4j.spring;

import static org.assertj.core.api.Assertions.assertThat;

import io.latent4j.textencoder.PromptSyntax;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.ai.image.ImageOptions;
import org.springframework.ai.image.ImageOptionsBuilder;

class Latent4jImageOptionsTest {
    private static final Latent4jImageOptions ALL = Latent4jImageOptions.builder()
            .n(2)
            .model("one")
            .width(64)
            .height(128)
            .responseFormat("b64_json")
            .style("ink")
            .negativePrompt("text")
            .promptSyntax(PromptSyntax.PLAIN)
            .clipSkip(2)
            .scheduler("euler")
            .steps(3)
            .guidanceScale(4.5)
            .guidanceRescale(0.5)
            .seed(6L)
            .batchSize(7)
            .strength(0.8)
            .adapters(Map.of("ink", 0.9))
            .build();

    @Test
    void whatIsLeftOpenIsThatOfTheDefaults() {
        assertThat(Latent4jImageOptions.of(Latent4jImageOptions.NONE, ALL)).isEqualTo(ALL);
        assertThat(Latent4jImageOptions.of(null, ALL)).isEqualTo(ALL);
    }

    @Test
    void whatIsAskedGoesBeforeTheDefaults() {
        Latent4jImageOptions others = Latent4jImageOptions.builder()
                .n(9)
                .model("other")
                .width(9)
                .height(9)
                .responseFormat("url")
                .style("other")
                .negativePrompt("other")
                .promptSyntax(PromptSyntax.WEIGHTED)
                .clipSkip(9)
                .scheduler("other")
                .steps(9)
                .guidanceScale(9.0)
                .guidanceRescale(9.0)
                .seed(9L)
                .batchSize(9)
                .strength(9.0)
                .adapters(Map.of())
                .build();

        assertThat(Latent4jImageOptions.of(ALL, others)).isEqualTo(ALL);
    }

    @Test
    void portableOptionsAreFollowed() {
        ImageOptions portable = ImageOptionsBuilder.builder()
                .n(5)
                .model("other")
                .width(256)
                .height(512)
                .responseFormat("url")
                .style("oil")
                .build();

        Latent4jImageOptions merged = Latent4jImageOptions.of(portable, ALL);

        assertThat(merged.getN()).isEqualTo(5);
        assertThat(merged.getModel()).isEqualTo("other");
        assertThat(merged.getWidth()).isEqualTo(256);
        assertThat(merged.getHeight()).isEqualTo(512);
        assertThat(merged.getResponseFormat()).isEqualTo("url");
        assertThat(merged.getStyle()).isEqualTo("oil");
        assertThat(merged.steps()).isEqualTo(3);
        assertThat(merged.adapters()).containsExactly(Map.entry("ink", 0.9));
    }
}
