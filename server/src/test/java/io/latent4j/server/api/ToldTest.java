package io.latent4j.server.api;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ToldTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "/home/ann/models/sd/unet/config.json: act_fn is wrong|config.json: act_fn is wrong",
                "cannot read \"/srv/a/x.png\" here|cannot read \"x.png\" here",
                "(/srv/data/x.png)|(x.png)",
                "C:\\Users\\ann\\x.safetensors: is damaged|x.safetensors: is damaged",
                "expected 1/2, and/or a/b/c|expected 1/2, and/or a/b/c",
                "see https://example.com/a/b.png|see https://example.com/a/b.png",
                "owner/name/x.bin: is no model|owner/name/x.bin: is no model",
            })
    void leavesFoldersOut(String text, String told) {
        assertThat(Told.text(text)).isEqualTo(told);
    }

    @Test
    void takesLinearTime() {
        String text = "/a".repeat(500_000);
        assertThat(Told.text(text)).isEqualTo("a");
    }
}
