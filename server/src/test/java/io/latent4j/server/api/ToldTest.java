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
                "/home/ann/my models/Stable Diffusion 1.5/unet/config.json: is wrong|config.json: is wrong",
                "C:\\Program Files\\my models\\x.ckpt: is damaged|x.ckpt: is damaged",
                "(/srv/a b/c d e/x.png) is not (/srv/f g/y.png)|(x.png) is not (y.png)",
                "/srv/a/x.png is not of /srv/b/y.png|x.png is not of y.png",
                "/srv/a/x.png and owner/name|x.png and owner/name",
                "/srv/models is no folder; expected owner/name|models is no folder; expected owner/name",
                "owner/name/x.bin: is no model|owner/name/x.bin: is no model",
            })
    void leavesFoldersOut(String text, String told) {
        assertThat(Told.text(text)).isEqualTo(told);
    }

    @Test
    void takesLinearTime() {
        assertThat(Told.text("/a".repeat(500_000))).isEqualTo("a");
        String words = "/a" + " a".repeat(500_000);
        assertThat(Told.text(words)).isEqualTo(words);
        String starts = "/a a ".repeat(200_000);
        assertThat(Told.text(starts)).isEqualTo(starts);
    }
}
