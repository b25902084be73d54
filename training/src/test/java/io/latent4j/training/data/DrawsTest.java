package io.latent4j.training.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class DrawsTest {

    @Test
    void dependsOnTheKeysAlone() {
        Draws one = Draws.of(7, 2, 1);
        Draws same = Draws.of(7, 2, 1);
        for (int i = 0; i < 100; i++) {
            assertThat(one.bits()).isEqualTo(same.bits());
        }
    }

    @Test
    void isTheSameOnEveryMachine() {
        Draws draws = Draws.of(1, 2, 3);

        assertThat(new long[] {draws.bits(), draws.bits(), draws.bits()})
                .containsExactly(-577261923406638701L, 1438811668801312938L, -3418712638036514427L);
    }

    @Test
    void differsForEveryKeyAndOrderOfKeys() {
        Set<Long> firsts = new HashSet<>();
        for (long seed = -20; seed < 20; seed++) {
            for (long epoch = 0; epoch < 20; epoch++) {
                for (long index = 0; index < 20; index++) {
                    firsts.add(Draws.of(seed, epoch, index).bits());
                }
                firsts.add(Draws.of(seed, epoch).bits());
            }
        }
        assertThat(firsts).hasSize(40 * 20 * 21);
    }

    @Test
    void spreadsEvenlyFromOneKeyToTheNext() {
        double mean = IntStream.range(0, 10_000)
                .mapToDouble(index -> Draws.of(0, 0, index).uniform())
                .average()
                .orElseThrow();
        assertThat(mean).isCloseTo(0.5, within(0.01));
        int[] counts = new int[7];
        IntStream.range(0, 70_000).forEach(index -> counts[Draws.of(3, index).below(7)]++);
        assertThat(Arrays.stream(counts).boxed())
                .allSatisfy(count -> assertThat(count).isBetween(9_600, 10_400));
    }

    @Test
    void drawsWithinItsBounds() {
        Draws draws = Draws.of(5);
        for (int i = 0; i < 10_000; i++) {
            assertThat(draws.uniform(-2, 3)).isGreaterThanOrEqualTo(-2).isLessThan(3);
            assertThat(draws.below(3)).isBetween(0, 2);
        }
        assertThatIllegalArgumentException().isThrownBy(() -> draws.below(0)).withMessageContaining("bound is 0");
    }

    @Test
    void ordersAllNumbersEveryWayEquallyOften() {
        assertThat(Draws.of(1).order(0)).isEmpty();
        int[] sorted = Draws.of(1).order(1000);
        Arrays.sort(sorted);
        assertThat(sorted).containsExactly(IntStream.range(0, 1000).toArray());
        int[] counts = new int[3 * 3];
        for (int i = 0; i < 9_000; i++) {
            int[] order = Draws.of(2, i).order(3);
            for (int place = 0; place < 3; place++) {
                counts[3 * place + order[place]]++;
            }
        }
        assertThat(Arrays.stream(counts).boxed())
                .allSatisfy(count -> assertThat(count).isBetween(2_800, 3_200));
    }
}
