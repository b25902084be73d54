package io.latent4j.training.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TagsTest {
    private static final String CAPTION = "one, two,three , , four";

    @Test
    void areWhatIsBetweenCommas() {
        assertThat(Tags.of(CAPTION)).containsExactly("one", "two", "three", "four");
        assertThat(Tags.of("a dog in the grass")).containsExactly("a dog in the grass");
    }

    @Test
    void comeInEveryOrderOfThoseThatDoNotStay() {
        Tags tags = new Tags("", true, 1, 0);
        Set<String> said = new HashSet<>();
        for (int i = 0; i < 200; i++) {
            said.add(tags.said(CAPTION, Draws.of(i)));
        }
        assertThat(said)
                .containsExactlyInAnyOrder(
                        "one, two, three, four",
                        "one, two, four, three",
                        "one, three, two, four",
                        "one, three, four, two",
                        "one, four, two, three",
                        "one, four, three, two");
        assertThat(tags.said(CAPTION, Draws.of(7))).isEqualTo(tags.said(CAPTION, Draws.of(7)));
        assertThat(new Tags("", true, 9, 0).said(CAPTION, Draws.of(1))).isEqualTo("one, two, three, four");
    }

    @Test
    void dropOutAsOftenAsAskedAndStayInOrder() {
        Tags tags = new Tags("", false, 1, 0.25);
        int[] dropped = new int[4];
        int count = 4000;
        for (int i = 0; i < count; i++) {
            List<String> said = Tags.of(tags.said(CAPTION, Draws.of(i)));
            List<String> all = Tags.of(CAPTION);
            assertThat(said).isSubsetOf(all).isSortedAccordingTo((a, b) -> all.indexOf(a) - all.indexOf(b));
            for (int tag = 0; tag < 4; tag++) {
                dropped[tag] += said.contains(all.get(tag)) ? 0 : 1;
            }
        }
        assertThat(dropped[0]).isZero();
        for (int tag = 1; tag < 4; tag++) {
            assertThat(dropped[tag] / (double) count).isCloseTo(0.25, within(0.03));
        }
    }

    @Test
    void havePutAPrefixBeforeThem() {
        assertThat(new Tags("sks,", true, 1, 0).said("a, b", Draws.of(1))).isEqualTo("sks, a, b");
        Tags still = new Tags("photo of", true, 0, 0.5).still();
        assertThat(still.vary()).isFalse();
        assertThat(still.said(CAPTION, Draws.of(1)))
                .isEqualTo("photo of " + CAPTION)
                .isEqualTo(still.whole(CAPTION));
        assertThat(still.whole("")).isEqualTo("photo of");
        assertThat(Tags.AS_THEY_ARE.said(CAPTION, Draws.of(1))).isEqualTo(CAPTION);
    }

    @Test
    void refuseWhatCannotBe() {
        assertThatIllegalArgumentException().isThrownBy(() -> new Tags("", true, -1, 0));
        assertThatIllegalArgumentException().isThrownBy(() -> new Tags("", true, 0, 1));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Tags("", false, 1, 0))
                .withMessageContaining("keep is 1; expected 0, as tags neither move nor drop out");
    }
}
