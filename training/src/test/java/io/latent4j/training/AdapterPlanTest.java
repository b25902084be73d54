package io.latent4j.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.latent4j.core.config.Config;
import io.latent4j.lora.LoraDesign;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class AdapterPlanTest {
    private static AdapterPlan read(String yaml) {
        return AdapterPlan.read(Config.parseYaml("adapter", Path.of(""), yaml));
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
