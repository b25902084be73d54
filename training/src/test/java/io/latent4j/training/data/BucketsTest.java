package io.latent4j.training.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BucketsTest {

    @Test
    void makesSizesOfAboutEqualArea() {
        assertThat(Buckets.ofArea(512).sizes())
                .extracting(ImageSize::toString)
                .containsExactly("384x640", "448x576", "512x512", "576x448", "640x384");
        assertThat(Buckets.ofArea(64).sizes())
                .extracting(ImageSize::toString)
                .containsExactly("48x80", "56x72", "64x64", "72x56", "80x48");
        assertThat(Buckets.ofArea(1024, 64, 4).sizes())
                .allSatisfy(size -> assertThat(size.width() * size.height()).isBetween(900_000, 1024 * 1024))
                .allSatisfy(size ->
                        assertThat(size.width() % 64 + size.height() % 64).isZero())
                .contains(new ImageSize(512, 2048), new ImageSize(2048, 512));
    }

    @ParameterizedTest
    @CsvSource({
        "1000, 1000, 64x64",
        "1100, 1000, 64x64",
        "1200, 1000, 72x56",
        "1000, 1300, 56x72",
        "3000, 1000, 80x48",
        "1, 900, 48x80"
    })
    void chooseTheNearestRatio(int width, int height, String size) {
        Buckets buckets = Buckets.ofArea(64);
        assertThat(buckets.sizes().get(buckets.nearest(width, height))).hasToString(size);
    }

    @Test
    void refuseWhatCannotBe() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Buckets.ofArea(500))
                .withMessageContaining("side is 500; expected a multiple of 64");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Buckets.ofArea(512, 64, 0.5))
                .withMessageContaining("the ratio is 0.5");
        assertThatIllegalArgumentException().isThrownBy(() -> new Buckets(List.of()));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Buckets(List.of(new ImageSize(8, 8), new ImageSize(8, 8))))
                .withMessageContaining("a size is there twice");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ImageSize(0, 8))
                .withMessageContaining("the size is 0x8");
    }
}
