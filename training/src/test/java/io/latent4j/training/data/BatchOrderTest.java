package io.latent4j.training.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BatchOrderTest {

    @Test
    void goesThroughAllExamplesOnceAnEpoch() {
        BatchOrder order = new BatchOrder(1, 8, Collections.nCopies(64, 0));

        assertThat(order.perEpoch()).isEqualTo(8);
        for (int epoch = 0; epoch < 3; epoch++) {
            assertThat(examples(order, epoch * 8, 8))
                    .containsExactlyInAnyOrderElementsOf(
                            IntStream.range(0, 64).boxed().toList());
        }
        assertThat(examples(order, 0, 8)).isNotEqualTo(examples(order, 8, 8));
    }

    @Test
    void isAFunctionOfSeedAndStep() {
        BatchOrder order = new BatchOrder(7, 4, buckets(50));
        List<BatchOrder.Slots> forwards =
                IntStream.range(0, 60).mapToObj(order::batch).toList();
        BatchOrder again = new BatchOrder(7, 4, buckets(50));
        for (int step = 59; step >= 0; step -= 7) { // backwards and with gaps
            assertThat(again.batch(step)).isEqualTo(forwards.get(step));
        }
        assertThat(new BatchOrder(8, 4, buckets(50)).batch(0)).isNotEqualTo(forwards.get(0));
    }

    @Test
    void neverChangesItsOrder() {
        BatchOrder order = new BatchOrder(0, 3, Collections.nCopies(10, 0));
        assertThat(order.batch(0).examples()).containsExactly(1, 6, 9);
        assertThat(order.batch(5).examples()).containsExactly(0, 2, 7);
    }

    @Test
    void leavesOutOthersEveryEpoch() {
        BatchOrder order = new BatchOrder(1, 8, Collections.nCopies(15, 0));
        Set<Integer> seen = new HashSet<>(examples(order, 0, 20));

        assertThat(order.perEpoch()).isEqualTo(1);
        assertThat(seen).hasSize(15);
    }

    @Test
    void mixesNoBuckets() {
        List<Integer> buckets = buckets(100);
        BatchOrder order = new BatchOrder(3, 4, buckets);
        Set<Integer> seen = new HashSet<>();
        for (int step = 0; step < order.perEpoch(); step++) {
            BatchOrder.Slots slots = order.batch(step);
            assertThat(slots.examples()).hasSize(4).allMatch(i -> buckets.get(i) == slots.bucket());
            seen.add(slots.bucket());
        }
        assertThat(seen).containsExactlyInAnyOrder(0, 1, 2);
        assertThat(IntStream.range(0, 10)
                        .mapToObj(step -> order.batch(step).bucket())
                        .distinct())
                .hasSizeGreaterThan(1); // not one after the other
    }

    @Test
    void fillsABatchOfASmallBucketByRepeating() {
        BatchOrder order = new BatchOrder(0, 5, List.of(0, 2, 2, 0, 0, 0, 0, 0));

        assertThat(order.smallBuckets()).containsExactly(2);
        assertThat(order.size(2)).isEqualTo(2);
        assertThat(order.perEpoch()).isEqualTo(2);
        List<Integer> small = IntStream.range(0, 2)
                .mapToObj(order::batch)
                .filter(slots -> slots.bucket() == 2)
                .findFirst()
                .orElseThrow()
                .examples();
        assertThat(small).hasSize(5).containsOnly(1, 2);
        assertThat(Collections.frequency(small, 1)).isBetween(2, 3);
    }

    @Test
    void refusesWhatCannotBe() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new BatchOrder(0, 1, List.of()))
                .withMessageContaining("there are no examples");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new BatchOrder(0, 1, List.of(0)).batch(-1))
                .withMessageContaining("the step is -1");
    }

    private static List<Integer> buckets(int count) {
        return IntStream.range(0, count).mapToObj(i -> i % 3).toList();
    }

    private static List<Integer> examples(BatchOrder order, int first, int count) {
        List<Integer> examples = new ArrayList<>();
        for (int step = first; step < first + count; step++) {
            examples.addAll(order.batch(step).examples());
        }
        return examples;
    }
}
