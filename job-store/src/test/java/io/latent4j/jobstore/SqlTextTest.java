package io.latent4j.jobstore;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

final class SqlTextTest {
    @Test
    void leavesUsualTextsAsTheyAre() {
        String text = "Zwölf 猫 🐈 \"of\" 'us' \\ %_! \n\t\u0001";

        assertThat(SqlText.encode(text)).isEqualTo(text);
        assertThat(SqlText.decode(text)).isEqualTo(text);
    }

    @Test
    void keepsWhatPostgreSqlDoesNot() {
        String high = "\ud83d";
        String low = "\ude00";
        String text = "a\0b" + high + "c" + low + high + "\u001b0000" + low + high;

        String encoded = SqlText.encode(text);

        assertThat(encoded).doesNotContain("\0", high, low);
        assertThat(SqlText.decode(encoded)).isEqualTo(text);
    }

    @Test
    void readsBackAnyText() {
        String letters = "a0\0\u001b\ud83d\ude00\uffff%";
        Random random = new Random(5);
        for (int i = 0; i < 1000; i++) {
            StringBuilder text = new StringBuilder();
            for (int k = random.nextInt(12); k > 0; k--) {
                text.append(letters.charAt(random.nextInt(letters.length())));
            }
            assertThat(SqlText.decode(SqlText.encode(text.toString()))).isEqualTo(text.toString());
        }
    }

    @Test
    void escapesPatterns() {
        assertThat(SqlText.containing("50%_!")).isEqualTo("%50!%!_!!%");
    }
}
