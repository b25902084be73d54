package io.latent4j.training.data.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.djl.Device;
import ai.djl.ndarray.types.DataType;
import io.latent4j.pipeline.model.Components;
import io.latent4j.pipeline.request.GenerationRequest;
import io.latent4j.training.data.scenes.Scene;
import io.latent4j.training.data.scenes.Scenes;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class PromptEvaluationTest {

    @Test
    void asksForHeldOutCaptionsOfBothKinds() {
        PromptEvaluation evaluation = PromptEvaluation.of(500, 0, 16);

        assertThat(evaluation.captions()).hasSize(500).allMatch(Scenes::isHeldOut);
        assertThat(evaluation.captions().stream().filter(scene -> scene.things().size() == 2))
                .hasSize(250)
                .doesNotHaveDuplicates();
        assertThat(PromptEvaluation.of(500, 0, 16)).isEqualTo(evaluation);
        assertThat(PromptEvaluation.of(500, 1, 16)).isNotEqualTo(evaluation);
    }

    @Test
    void judgesAnImageOfEachCaption() throws IOException {
        PromptEvaluation evaluation = PromptEvaluation.of(3, 7, 2);
        try (Components parts = Components.embedded(Device.cpu(), DataType.FLOAT32)) {
            PromptSampler sampler = new PromptSampler(
                    parts, new GenerationRequest("").withSeed(0).withSteps(2).withGuidanceScale(3));
            AtomicInteger steps = new AtomicInteger();

            Tally tally = evaluation.judge(sampler, steps::incrementAndGet);

            assertThat(steps).hasValue(evaluation.judgeSteps(sampler)).hasValue(2 * 2);
            assertThat(tally.images()).extracting(Judged::scene).isEqualTo(evaluation.captions());
            assertThat(tally.images()).extracting(Judged::seed).containsExactly(7L, 8L, 9L);
            for (int i = 0; i < 3; i++) {
                Judged judged = tally.images().get(i);
                int[] alone = sampler.images(List.of(judged.scene().caption()), 7 + i, () -> {})
                        .get(0)
                        .getRGB(0, 0, 64, 64, null, 0, 64);
                int[] made = judged.image().getRGB(0, 0, 64, 64, null, 0, 64);
                assertThat(differing(alone, made)).isLessThan(64); // rounding, at another batch size
            }
        }
    }

    @Test
    void findsTheEmbeddedModelRightNearlyAlways() throws IOException {
        PromptEvaluation evaluation = PromptEvaluation.of(32, 3, 16);
        try (Components parts = Components.embedded(Device.cpu(), DataType.FLOAT32)) {
            PromptSampler sampler = new PromptSampler(parts, new GenerationRequest("").withSeed(0));

            Tally tally = evaluation.judge(sampler, () -> {});

            assertThat(tally.allRight().orElseThrow()).isGreaterThanOrEqualTo(0.9);
            assertThat(tally.of(2).allRight().orElseThrow()).isGreaterThanOrEqualTo(0.85);
        }
    }

    private static int differing(int[] one, int[] other) {
        int differing = 0;
        for (int i = 0; i < one.length; i++) {
            differing += one[i] == other[i] ? 0 : 1;
        }
        return differing;
    }

    @Test
    void tellsTheDiversityOfDrawnScenes() {
        PromptEvaluation small =
                new PromptEvaluation(List.of(Scene.parse("a small red ring on a white background")), 0, 4);
        PromptEvaluation big = new PromptEvaluation(List.of(Scene.parse("a big red ring on a white background")), 0, 4);

        assertThat(small.diversityOfDrawn(64)).isPositive().isLessThan(big.diversityOfDrawn(64));
        assertThat(big.diversityOfDrawn(64)).isEqualTo(big.diversityOfDrawn(64)).isLessThan(0.5);
    }

    @Test
    void refusesNothingToDo() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new PromptEvaluation(List.of(), 0, 4))
                .withMessageContaining("there are no captions");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PromptEvaluation.of(3, 0, 0))
                .withMessageContaining("batch is 0");
    }
}
