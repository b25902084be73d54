package io.latent4j.server.own;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonParser;
import java.util.List;
import org.junit.jupiter.api.Test;

final class WarningsHeaderTest {
    @Test
    void isJsonOfPrintableAscii() {
        List<String> warnings = List.of("café 赤 \uD83D\uDE00", "two\nlines \u007f \"quoted\"");

        String header = WarningsHeader.of(warnings);

        assertThat(header).matches("[ -~]+");
        assertThat(JsonParser.parseString(header).getAsJsonArray())
                .extracting(each -> each.getAsString())
                .isEqualTo(warnings);
    }

    @Test
    void leavesOutWhatAHeaderCannotHave() {
        String large = "x".repeat(3000);

        assertThat(WarningsHeader.of(List.of("first", large, large))).isEqualTo("[\"first\",\"" + large + "\"]");
        assertThat(WarningsHeader.of(List.of("é".repeat(1000)))).isEqualTo("[]");
    }
}
