package io.latent4j.cli.output;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

class CountDisplayTest {

    @Test
    void showsABarOfWhatIsCounted() {
        StringWriter out = new StringWriter();
        try (CountDisplay display = new CountDisplay(terminal(out, 80), "drawing", "images", 50)) {
            display.done(20);
            display.done(50);
        }
        assertThat(out.toString()).contains("drawing [", "50/50 images").endsWith(System.lineSeparator());
    }

    @Test
    void isQuietOnShortWorkWhereNobodyWatches() {
        StringWriter out = new StringWriter();
        try (CountDisplay display = new CountDisplay(terminal(out, 0), "drawing", "images", 50)) {
            display.done(50);
        }
        assertThat(out.toString()).isEmpty();
    }

    private static Terminal terminal(StringWriter out, int width) {
        return new Terminal(new PrintWriter(out), width, false, false);
    }
}
