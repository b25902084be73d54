package io.latent4j.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.latent4j.pipeline.model.Components;
import io.latent4j.pipeline.request.GenerationRequest;
import io.latent4j.pipeline.request.Tiling;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Images in tiles, by the embedded model's autoencoder. */
@ExtendWith(EmbeddedParts.class)
class TilingTest {
    private static Components parts;

    @BeforeAll
    static void load(Components embedded) {
        parts = embedded;
    }

    @Test
    void onlyLargeImagesAreCut() {
        assertThat(Tiling.AUTO.cuts(1024, 1024)).isFalse();
        assertThat(Tiling.AUTO.cuts(2048, 2048)).isTrue();
        assertThat(Tiling.NEVER.cuts(16384, 16384)).isFalse();
        assertThat(Tiling.of(512).cuts(512, 512)).isFalse();
        assertThat(Tiling.of(512).cuts(512, 520)).isTrue();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Tiling.of(8))
                .withMessage("the tile is 8 pixels; expected 64 to 4096");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Tiling(-1, 512))
                .withMessage("tiles begin above -1 pixels; expected 0 or more");
    }

    @Test
    void aImageInTilesIsSaidToBe() {
        GenerationRequest request =
                new GenerationRequest("a red circle").withSeed(0).withSteps(1).withSize(96, 64);
        TextToImagePipeline pipeline = new TextToImagePipeline(parts);

        Generation cut = pipeline.generate(request.withTiling(Tiling.of(64)));

        assertThat(cut.results().get(0).parameters()).contains(", VAE tile: 64,");
        assertThat(pipeline.generate(request).results().get(0).parameters()).doesNotContain("VAE tile");
    }
}
