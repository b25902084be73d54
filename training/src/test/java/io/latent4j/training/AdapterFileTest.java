package io.latent4j.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.latent4j.lora.LoraDesign;
import io.latent4j.training.config.RunFile;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class AdapterFileTest {
    private static AdapterFile read(String yaml) {
        return AdapterFile.read(RunFile.parse("adapter", Path.of(""), yaml));
    }

    @Test
    void convolutionsAreAsStrongAsTheOthersUnlessItSaysOtherwise() {
        LoraDesign plain =
                read("{algorithm: locon, rank: 16, alpha: 8, conv_rank: 4}").design();
        assertThat(plain.kernels().alpha() / 4).isEqualTo(8.0 / 16);
        LoraDesign stabilized = read("{algorithm: locon, rank: 16, alpha: 8, conv_rank: 4, rank_stabilized: true}")
                .design();
        assertThat(stabilized.kernels().alpha() / Math.sqrt(4)).isCloseTo(8 / Math.sqrt(16), within(1e-12));
    }

    @Test
    void refusesARateOfWhatOnlyLowRanksHave() {
        assertThat(read("{algorithm: locon, up_rate_factor: 4}").upRate()).isEqualTo(4);
        assertThat(read("{algorithm: loha, up_rate_factor: 1}").upRate()).isEqualTo(1);
        for (String algorithm : new String[] {"loha", "lokr"}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> read("{algorithm: " + algorithm + ", up_rate_factor: 4}"))
                    .withMessage("adapter: up_rate_factor is 4.0; expected none or 1, as algorithm is neither lora nor"
                            + " locon");
        }
    }
}
