package io.latent4j.core.config;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CountedTest {
    @ParameterizedTest
    @CsvSource({"step,steps", "batch,batches", "entry,entries", "key,keys", "prefix,prefixes", "layer,layers"})
    void formsThePlural(String singular, String plural) {
        assertThat(Counted.noun(2, singular)).isEqualTo(plural);
        assertThat(Counted.noun(1, singular)).isEqualTo(singular);
    }

    @Test
    void onlyOneIsSingular() {
        assertThat(Counted.of(0, "image")).isEqualTo("0 images");
        assertThat(Counted.of(1, "image")).isEqualTo("1 image");
        assertThat(Counted.of(21, "image")).isEqualTo("21 images");
        assertThat(Counted.of(-1, "image")).isEqualTo("-1 images");
    }
}
