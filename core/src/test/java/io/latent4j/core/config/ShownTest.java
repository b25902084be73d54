package io.latent4j.core.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class ShownTest {

    @Test
    void isOneLineThatNoTerminalObeys() {
        assertThat(Shown.text("a\nb\u0000c\u001b[2Jd\u009b2Je\u0085f\u2028g\u2029h\u007f"))
                .isEqualTo("a?b?c?[2Jd?2Je?f?g?h?");
        assertThat(Shown.text("déjà vu 猫")).isEqualTo("déjà vu 猫");
    }

    @Test
    void cutsWhatIsTooLongToRead() {
        assertThat(Shown.text("x".repeat(100))).isEqualTo("x".repeat(100));
        assertThat(Shown.text("x".repeat(101))).isEqualTo("x".repeat(100) + "...");
        assertThat(Shown.names(Collections.nCopies(12, "a"))).isEqualTo("a, a, a, a, a, a, a, a, a, a and 2 more");
        assertThat(Shown.values(List.of(8, 16))).isEqualTo("[8, 16]");
        assertThat(Shown.values(Collections.nCopies(200_000, 8)))
                .isEqualTo("[8, 8, 8, 8, 8, 8, 8, 8, 8, 8 and 199990 more]");
    }
}
