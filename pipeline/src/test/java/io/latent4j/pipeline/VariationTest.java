package io.latent4j.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.latent4j.pipeline.model.Components;
import io.latent4j.pipeline.request.GenerationRequest;
import io.latent4j.pipeline.request.Variation;
import java.awt.image.BufferedImage;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(EmbeddedParts.class)
class VariationTest {
    private static final GenerationRequest REQUEST = new GenerationRequest("a big red circle on a white background")
            .withSeed(0)
            .withSteps(4)
            .withSeed(5);
    private static Components parts;
    private static TextToImagePipeline pipeline;

    @BeforeAll
    static void load(Components embedded) {
        parts = embedded;
        pipeline = new TextToImagePipeline(parts);
    }

    @ParameterizedTest
    @ValueSource(strings = {"ddim", "euler a", "dpm++ sde"})
    void beginsAtTheSeedsImageAndEndsAtTheOthers(String scheduler) {
        GenerationRequest request = REQUEST.withScheduler(scheduler);
        BufferedImage own = made(request);
        BufferedImage other = made(request.withSeed(9));
        assertThat(Differences.largest(made(request.withVariation(new Variation(9, 0))), own))
                .isZero();
        assertThat(Differences.largest(made(request.withVariation(new Variation(9, 1))), other))
                .isZero();
        BufferedImage between = made(request.withVariation(new Variation(9, 0.3)));
        assertThat(Differences.largest(between, own)).isPositive();
        assertThat(Differences.mean(between, own)).isLessThan(Differences.mean(other, own));
    }

    @Test
    void everyImageVariesTheSameImage() {
        GenerationRequest request =
                REQUEST.withVariation(new Variation(20, 0.5)).withCount(3).withBatchSize(2);
        List<GeneratedImage> all = pipeline.generate(request).results();
        for (int i = 0; i < 3; i++) {
            GeneratedImage alone = pipeline.generate(REQUEST.withVariation(new Variation(20 + i, 0.5)))
                    .results()
                    .get(0);
            assertThat(Differences.largest(all.get(i).image(), alone.image())).isLessThanOrEqualTo(1);
            assertThat(all.get(i).seed()).isEqualTo(5);
            assertThat(all.get(i).parameters())
                    .isEqualTo(alone.parameters())
                    .contains("Seed: 5, Variation seed: " + (20 + i) + ", Variation seed strength: 0.5,");
        }
        assertThat(Differences.largest(all.get(0).image(), all.get(1).image())).isGreaterThan(10);
    }

    @Test
    void aPartOfARequestMakesItsImages() {
        GenerationRequest varied = REQUEST.withVariation(new Variation(20, 0.5)).withCount(5);
        assertThat(varied.part(2, 3))
                .isEqualTo(varied.withVariation(new Variation(22, 0.5)).withCount(3));
        assertThat(REQUEST.withCount(5).part(2, 3))
                .isEqualTo(REQUEST.withSeed(7).withCount(3));
    }

    @Test
    void refusesAStrengthBeyondTheOtherImage() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Variation(1, 1.1))
                .withMessage("variation strength is 1.1; expected 0 to 1");
    }

    private static BufferedImage made(GenerationRequest request) {
        return pipeline.generate(request).image();
    }
}
