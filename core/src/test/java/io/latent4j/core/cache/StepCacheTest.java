package io.latent4j.core.cache;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class StepCacheTest {
    private static final Object TEXT = new Object();
    private static final Object OTHER = new Object();

    private static Evaluation at(int step, double noise, int predictions, Object... conditions) {
        return new Evaluation(step, noise, predictions, predictions > 1, List.of(conditions));
    }

    /** Whether each evaluation of a cache at interval 3 is full. */
    private static String kinds(Evaluation... evaluations) {
        try (NDManager manager = NDManager.newBaseManager("PyTorch");
                NDScope scope = new NDScope();
                StepCache cache = StepCache.below(manager).withDeep(3, 1)) {
            scope.suppressNotUsedWarning();
            StringBuilder kinds = new StringBuilder();
            for (Evaluation each : evaluations) {
                cache.begin(each);
                boolean partial = cache.skips().isPresent();
                kinds.append(partial ? 'p' : 'F');
                cache.offer(1, manager.ones(new Shape(1)));
            }
            return kinds.toString();
        }
    }

    @Test
    void oneEvaluationOfAnIntervalIsFull() {
        assertThat(kinds(at(0, 9, 2), at(1, 8, 2), at(2, 7, 2), at(3, 6, 2), at(4, 5, 2), at(5, 4, 2), at(6, 3, 2)))
                .isEqualTo("FppFppF");
    }

    @Test
    void samplersThatEvaluateTwiceAStepAreCountedByEvaluation() {
        assertThat(kinds(at(0, 9, 2), at(0, 8, 2), at(1, 8, 2), at(1, 7, 2))).isEqualTo("FppF");
    }

    @Test
    void beginsAnewWhereWhatIsAskedChanges() {
        assertThat(kinds(at(0, 9, 2), at(1, 8, 1), at(2, 7, 1))).as("guidance").isEqualTo("FFp");
        assertThat(kinds(at(0, 9, 2, TEXT), at(1, 8, 2, OTHER), at(2, 7, 2, OTHER)))
                .as("text")
                .isEqualTo("FFp");
        assertThat(kinds(at(0, 9, 2, TEXT), at(1, 8, 2, TEXT, OTHER), at(2, 7, 2, TEXT)))
                .as("control")
                .isEqualTo("FFF");
        assertThat(kinds(at(0, 3, 2), at(1, 8, 2), at(2, 7, 2), at(3, 7, 2), at(4, 7.0001, 2)))
                .as("raised noise")
                .isEqualTo("FFppF");
    }

    @Test
    void whatIsKeptIsACopyOfTheBranch() {
        try (NDManager manager = NDManager.newBaseManager("PyTorch");
                NDScope scope = new NDScope();
                StepCache cache = StepCache.below(manager).withDeep(2, 1)) {
            scope.suppressNotUsedWarning();
            NDArray shallow = manager.create(new float[] {1});
            NDArray deep = manager.create(new float[] {2});
            cache.begin(at(0, 2, 1));
            cache.offer(1, deep);
            cache.offer(0, shallow);
            deep.muli(5);
            cache.begin(at(1, 1, 1));
            cache.offer(1, shallow);
            NDArray feature = cache.deep().orElseThrow().feature(shallow);
            assertThat(feature.toFloatArray()).containsExactly(2);
            feature.muli(5);
            assertThat(cache.deep().orElseThrow().feature(shallow).toFloatArray())
                    .containsExactly(2);
            assertThat(cache.deep().orElseThrow().fulls()).isOne();
            assertThat(cache.deep().orElseThrow().partials()).isOne();
        }
    }

    @Test
    void crossAttentionIsTheAverageOfPromptAndNegativePromptBehindTheGate() {
        try (NDManager manager = NDManager.newBaseManager("PyTorch");
                NDScope scope = new NDScope();
                StepCache cache = StepCache.below(manager).withGate(2)) {
            scope.suppressNotUsedWarning();
            NDArray x = manager.ones(new Shape(1));
            // two images: negative, prompt and perturbed
            NDArray y = manager.create(new float[] {1, 2, 5, 10, 100, 200}, new Shape(6, 1, 1));
            for (int step = 0; step < 2; step++) {
                cache.begin(at(step, 9 - step, 3));
                NDArray now = y.mul(step + 1);
                assertThat(cache.attend(TEXT, x, () -> now)).isSameAs(now);
                assertThat(cache.gated(step)).isFalse();
            }
            cache.begin(at(2, 7, 1));
            assertThat(cache.gated(2)).isTrue();
            NDArray reused = cache.attend(TEXT, x, () -> {
                throw new AssertionError("computed behind the gate");
            });
            assertThat(reused.toFloatArray()).containsExactly(6, 12);
            assertThat(reused.getShape()).isEqualTo(new Shape(2, 1, 1));
            assertThat(cache.gate().orElseThrow().reused()).isOne();
        }
    }

    @Test
    void theLastStepBeforeTheGateIsFull() {
        try (NDManager manager = NDManager.newBaseManager("PyTorch");
                NDScope scope = new NDScope();
                StepCache cache = StepCache.below(manager).withDeep(3, 0).withGate(2)) {
            scope.suppressNotUsedWarning();
            StringBuilder kinds = new StringBuilder();
            for (int step = 0; step < 6; step++) {
                cache.begin(at(step, 9 - step, cache.gated(step) ? 1 : 2));
                kinds.append(cache.skips().isPresent() ? 'p' : 'F');
                cache.offer(0, manager.ones(new Shape(1)));
            }
            assertThat(kinds).hasToString("FFFppF");
        }
    }

    /** Blocks that triple the tokens, of two predictions of two images; the text's token is not compared. */
    @Test
    void anImageWhoseFirstBlockChangesLittleIsDoneAfterIt() {
        try (NDManager manager = NDManager.newBaseManager("PyTorch");
                NDScope scope = new NDScope();
                StepCache cache = StepCache.below(manager).withFirstBlock(0.1)) {
            scope.suppressNotUsedWarning();
            List<Long> rows = new ArrayList<>();
            float[][] added = {{1, 1, 1, 1}, {1.05f, 2, 1.05f, 1}, {1.09f, 2.1f, 1.09f, 1}, {1.12f, 2, 1.12f, 1}};
            List<float[]> results = new ArrayList<>();
            for (int step = 0; step < added.length; step++) {
                cache.begin(at(step, 9 - step, 2));
                NDArray x = manager.create(new float[] {step, 1, 7 * step, 2, step, 3, 2, 4}, new Shape(4, 2, 1));
                NDArray r = manager.create(added[step], new Shape(4, 1, 1));
                NDArray first = x.add(manager.create(new float[] {step + 5})
                        .reshape(1, 1, 1)
                        .broadcast(4, 1, 1)
                        .concat(r, 1));
                NDArray image = cache.afterFirst(x, first, 1, (some, picked) -> {
                    assertThat(picked.apply(r).getShape().get(0))
                            .isEqualTo(some.getShape().get(0));
                    rows.add(some.getShape().get(0));
                    NDArray tripled = some.mul(3);
                    some.close();
                    return tripled.split(new long[] {1}, 1).get(1);
                });
                results.add(image.toFloatArray());
            }
            assertThat(rows).containsExactly(4L, 2L, 2L); // the third evaluation is all reused
            assertThat(results.get(0)).containsExactly(6, 9, 12, 15);
            // image 0 is B(x) + 2·B(x') of the first evaluation, image 1 is computed
            assertThat(results.get(1)).containsExactly(2.05f + 4, 12, 4.05f + 8, 15);
            assertThat(results.get(2)).containsExactly(2.09f + 4, 4.1f + 8, 4.09f + 8, 5 + 10);
            assertThat(results.get(3)[0]).isEqualTo(3 * 2.12f, org.assertj.core.api.Assertions.within(1e-5f));
            assertThat(cache.firstBlock().orElseThrow().computed()).isEqualTo(4);
            assertThat(cache.firstBlock().orElseThrow().reused()).isEqualTo(4);
        }
    }

    @Test
    void closingFreesAllArrays() {
        try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
            int before = manager.getManagedArrays().size();
            try (NDScope scope = new NDScope();
                    StepCache cache = StepCache.below(manager).withDeep(2, 0)) {
                scope.suppressNotUsedWarning();
                for (int step = 0; step < 5; step++) {
                    cache.begin(at(step, 9 - step, 1));
                    cache.offer(0, manager.ones(new Shape(3)));
                }
            }
            assertThat(manager.getManagedArrays()).hasSize(before);
        }
    }

    @Test
    void withoutAKindEverythingIsComputed() {
        try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
            NDArray x = manager.ones(new Shape(1));
            StepCache.NONE.begin(at(0, 1, 1));
            StepCache.NONE.offer(0, x);
            assertThat(StepCache.NONE.skips()).isEmpty();
            assertThat(StepCache.NONE.gated(99)).isFalse();
            assertThat(StepCache.NONE.attend(TEXT, x, () -> x)).isSameAs(x);
        }
    }
}
