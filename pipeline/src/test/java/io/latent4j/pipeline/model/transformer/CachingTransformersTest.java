package io.latent4j.pipeline.model.transformer;

import static io.latent4j.pipeline.model.transformer.TinyModel.difference;
import static io.latent4j.pipeline.model.transformer.TinyModel.generated;
import static io.latent4j.pipeline.model.transformer.TinyModel.pixels;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.latent4j.pipeline.TextToImagePipeline;
import io.latent4j.pipeline.model.Model;
import io.latent4j.pipeline.request.GenerationRequest;
import io.latent4j.pipeline.request.StepCaching;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Step caches in tiny transformers of random weights. */
class CachingTransformersTest {
    private static final GenerationRequest REQUEST = new GenerationRequest("a falcon before the windmill")
            .withSize(32, 48)
            .withSteps(10)
            .withSeed(5);

    @TempDir
    private Path folder;

    private static GenerationRequest cached(String cache) {
        return REQUEST.withCaching(StepCaching.parse(cache));
    }

    @ParameterizedTest
    @CsvSource({
        "pixart-sigma-tiny, firstblock:0.3",
        "sd35-medium-tiny, firstblock:0.9",
        "pixart-sigma-tiny, tgate:4",
        "pixart-sigma-tiny, tgate:5+firstblock:0.3"
    })
    void makesImagesTogetherAndOneByOneAndLeavesNoArraysBehind(String name, String cache) throws IOException {
        try (Model model = TinyModel.open(TinyModel.copy(name, folder), TinyModel.PLACEMENT)) {
            int[] whole = generated(model, REQUEST);
            assertThat(difference(generated(model, cached("firstblock:0.0000000001")), whole))
                    .isZero();
            int before = model.manager().getManagedArrays().size();
            int[] alone = generated(model, cached(cache));
            assertThat(model.manager().getManagedArrays()).hasSize(before);
            assertThat(difference(alone, whole)).isPositive();
            assertThat(generated(model, cached(cache))).isEqualTo(alone);
            List<BufferedImage> together = new TextToImagePipeline(model)
                    .generate(cached(cache).withSeed(4).withCount(3).withBatchSize(3))
                    .images();
            assertThat(difference(pixels(together.get(1)), alone)).isLessThanOrEqualTo(1);
        }
    }

    @Test
    void refusesWhatIsForOtherNetworks() throws IOException {
        try (Model model = TinyModel.open(TinyModel.copy("sd35-medium-tiny", folder), TinyModel.PLACEMENT)) {
            TextToImagePipeline pipeline = new TextToImagePipeline(model);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> pipeline.generate(cached("deepcache:3")))
                    .withMessage(
                            "the cache deepcache is for UNets, and the model has a transformer; expected firstblock:0.1");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> pipeline.generate(cached("tgate:4")))
                    .withMessage(
                            "the cache tgate reuses cross-attention, and the model's transformer has none: text and image"
                                    + " attend to each other jointly; expected firstblock:0.1");
        }
    }
}
