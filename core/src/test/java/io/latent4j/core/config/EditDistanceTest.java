package io.latent4j.core.config;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EditDistanceTest {

    @ParameterizedTest
    @CsvSource({"kitten, sitting, 3", "heun, heunn, 1", "abc, '', 3", "'', '', 0", "flaw, lawn, 2", "lms, lms, 0"})
    void countsEdits(String from, String to, int edits) {
        assertThat(EditDistance.between(from, to)).isEqualTo(edits);
        assertThat(EditDistance.between(to, from)).isEqualTo(edits);
    }

    @Test
    void comparesTheBeginningsOfLongTexts() {
        String letters = "a".repeat(100_000);
        assertThat(EditDistance.between(letters, "b".repeat(100_000))).isEqualTo(100);
        assertThat(EditDistance.between(letters, "aaa")).isEqualTo(99_997);
    }
}
