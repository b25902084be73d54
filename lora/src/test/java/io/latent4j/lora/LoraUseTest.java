package io.latent4j.lora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.djl.ndarray.NDManager;
import com.google.common.collect.ImmutableMap;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LoraUseTest {
    @TempDir
    private Path folder;

    @Test
    void writesTheTagOfOtherTools() throws IOException {
        try (NDManager manager = NDManager.newBaseManager()) {
            Path file = TestModel.write(folder.resolve("ink.v2.safetensors"), TestModel.lowRank(manager, 1));
            Lora lora = Lora.load(file, TestModel.random(manager).adaptable(), manager);
            assertThat(lora.at(0.8).tag()).isEqualTo("<lora:ink.v2:0.8>");
            assertThat(lora.at(1).tag()).isEqualTo("<lora:ink.v2:1>");
            assertThat(lora.at(-0.5, 0.25).tag()).isEqualTo("<lora:ink.v2:0.25:-0.5>");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> lora.at(Double.NaN))
                    .withMessage("the adapter's strength for the UNet is NaN; expected -100 to 100");
            assertThatIllegalArgumentException().isThrownBy(() -> lora.at(1, 101));
        }
    }

    @Test
    void aScheduleMultipliesTheUnetsStrengthStepByStep() throws IOException {
        StrengthSchedule rise = StrengthSchedule.of(Map.of(0.0, 0.0, 0.5, 1.0, 0.75, 0.5));
        assertThat(rise.at(0, 9)).isZero();
        assertThat(rise.at(1, 9)).isEqualTo(0.25);
        assertThat(rise.at(4, 9)).isEqualTo(1);
        assertThat(rise.at(5, 9)).isEqualTo(0.75);
        assertThat(rise.at(8, 9)).isEqualTo(0.5);
        assertThat(rise.at(0, 1)).isZero();
        assertThat(StrengthSchedule.CONSTANT.at(3, 9)).isEqualTo(1);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> StrengthSchedule.of(Map.of(1.5, 1.0)))
                .withMessageContaining("a point at 1.5 of the way; expected 0 to 1");
        try (NDManager manager = NDManager.newBaseManager()) {
            Path file = TestModel.write(folder.resolve("ink.safetensors"), TestModel.lowRank(manager, 1));
            Lora lora = Lora.load(file, TestModel.random(manager).adaptable(), manager);
            LoraUse use = lora.at(0.8, 0.3).withSchedule(rise).withBlocks(ImmutableMap.of("*.to_q", 0.5, "mid*", 0.0));
            assertThat(use.tag()).isEqualTo("<lora:ink:0.3:0@0,0.8@0.5,0.4@0.75:*.to_q=0.5:mid*=0>");
            assertThat(use.idleBlocks()).containsExactly("mid*");
            assertThat(use.atStep(1, 9).strength(LoraPart.UNET, TestModel.Q)).isEqualTo(0.8 * 0.25 * 0.5);
            assertThat(use.strength(LoraPart.TEXT_ENCODER, "q")).isEqualTo(0.3);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> LoraFuser.fuse(List.of(use)))
                    .withMessageContaining("has another strength in each step; expected one for all");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> lora.at(60).withSchedule(StrengthSchedule.of(Map.of(0.0, 2.0))))
                    .withMessageContaining("120.0");
        }
    }

    @Test
    void blocksHaveStrengthsOfTheirOwnAndTheFirstPatternCounts() throws IOException {
        try (NDManager manager = NDManager.newBaseManager()) {
            Path file = TestModel.write(folder.resolve("ink.safetensors"), TestModel.lowRank(manager, 1));
            Lora lora = Lora.load(file, TestModel.random(manager).adaptable(), manager);
            LoraUse use = lora.at(0.5).withBlocks(ImmutableMap.of("*.to_q", 0.5, "down_blocks.*", 0.0));
            assertThat(use.strength(LoraPart.UNET, TestModel.Q)).isEqualTo(0.25);
            assertThat(use.strength(LoraPart.UNET, TestModel.CONV)).isZero();
            assertThat(use.strength(LoraPart.UNET, "conv_out")).isEqualTo(0.5);
            LoraUse none = lora.at(1).withBlocks(Map.of("down_blocks.*", 0.0));
            assertThat(LoraUse.adapters(List.of(none), LoraPart.UNET, manager)).isEmpty();
            assertThat(LoraFuser.changes(List.of(use))
                            .values()
                            .iterator()
                            .next()
                            .get(0)
                            .strength())
                    .isEqualTo(0.25);
            assertThat(LoraFuser.changes(List.of(none))).isEmpty();
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> lora.at(1).withBlocks(Map.of("mid_block.*", 1000.0)))
                    .withMessageContaining("blocks mid_block.* is 1000.0");
        }
    }
}
