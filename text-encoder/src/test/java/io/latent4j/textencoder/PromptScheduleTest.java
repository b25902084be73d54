package io.latent4j.textencoder;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PromptScheduleTest {
    private static final int STEPS = 10;

    private static List<String> texts(String prompt) {
        PromptSchedule schedule = PromptSchedule.of(prompt, PromptSyntax.WEIGHTED);
        List<String> texts = new ArrayList<>();
        for (int step = 0; step < STEPS; step++) {
            texts.add(schedule.at(step, STEPS));
        }
        return texts;
    }

    /** What is said, each with the number of steps after which it is said no more. */
    private static String stages(String prompt) {
        List<String> texts = texts(prompt);
        List<String> stages = new ArrayList<>();
        for (int done = 1; done <= STEPS; done++) {
            if (done == STEPS || !texts.get(done).equals(texts.get(done - 1))) {
                stages.add(done + "=" + texts.get(done - 1));
            }
        }
        return String.join("|", stages);
    }

    @ParameterizedTest
    @Readings({
        "a cat>10=a cat",
        "a [cat:dog:0.4]>4=a cat|10=a dog",
        "a [cat:dog:4]>4=a cat|10=a dog",
        "a [cat:dog:.4]>4=a cat|10=a dog",
        "a [cat:dog: 0.4 ]>4=a cat|10=a dog",
        "a [cat:dog:0.49]>4=a cat|10=a dog",
        "a [red:3]cat>3=a cat|10=a redcat",
        "a [red::3]cat>3=a redcat|10=a cat",
        "[::3]>10=",
        "[a:b:0.29]>2=a|10=b",
        "a [ b : c : 1 ] d>1=a  b  d|10=a  c  d",
        "[(a:2):3]>3=|10=(a:2)",
        "[a:(b:1.2):3]>3=a|10=(b:1.2)",
        "a[b:[c:d:2]:1]e>1=abe|2=ace|10=ade",
        "[[a:b:2]:c:5]>2=a|5=b|10=c",
        "[a:b:2] [c:d:6]>2=a c|6=b c|10=b d",
        "[a|b:3]>3=|10=a|b",
        "a ([cat:dog:4]:1.3)>4=a (cat:1.3)|10=a (dog:1.3)"
    })
    void oneTextFollowsAnother(String prompt, String expected) {
        assertThat(stages(prompt)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({
        "[a:b:0], b",
        "[a:b:0.0], b",
        "[a:b:0.05], b",
        "[a:b:1.0], a",
        "[a:b:10], a",
        "[a:b:99], a",
        "[a:b:12.5], a",
        "[a:0], a",
        "[a::1.0], a"
    })
    void atTheBeginAndTheEndThereIsOneTextOnly(String prompt, String expected) {
        assertThat(texts(prompt)).containsOnly(expected);
    }

    @ParameterizedTest
    @CsvSource({"0.4, 25, 10", "0.29, 100, 29", "0.7, 10, 7", "0.99, 10, 9", "1.0, 7, 7", "1, 7, 1", "2.9, 7, 2"})
    void aPartOfTheStepsIsRoundedDown(String when, int steps, int expected) {
        PromptSchedule schedule = PromptSchedule.of("[a:b:" + when + "]", PromptSyntax.WEIGHTED);
        int first = 0;
        while (first < steps && schedule.at(first, steps).equals("a")) {
            first++;
        }
        assertThat(first).isEqualTo(expected);
    }

    @ParameterizedTest
    @Readings({
        "[a|b]>a b a b a b a b a b",
        "[a|b|c]>a b c a b c a b c a",
        "[(a:1.2)|b]>(a:1.2) b (a:1.2) b (a:1.2) b (a:1.2) b (a:1.2) b",
        "[fe|]male>female male female male female male female male female male",
        "x[|a|]>x xa x x xa x x xa x x",
        "[[a|b]|c]>a c a c a c a c a c",
        "[[a:b:4]|c]>a c a c b c b c b c",
        "[[a|b]:c:4]>a b a b c c c c c c"
    })
    void alternativesTakeTurns(String prompt, String expected) {
        assertThat(texts(prompt).stream().collect(Collectors.joining(" "))).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "a cat",
                "[cat]",
                "a [[cat]] (dog:1.2)",
                "[cat:dog]",
                "[cat:dog:]",
                "[cat:dog:much]",
                "[cat:dog:-1]",
                "[cat:dog:1e1]",
                "[cat:dog:0.4",
                "cat:dog:0.4]",
                "[cat:dog:owl:0.4]",
                "[cat|dog",
                "cat|dog",
                "[cat:black|dog]",
                "[(cat:dog:0.4]",
                "[cat):dog:0.4]",
                "[(cat|dog):1.2)]",
                "\\[cat:dog:0.4]",
                "\\[cat|dog\\]",
                "[cat\\|dog]",
                "[cat\\:0.4]",
                "cat\\",
                "][",
                "((a][:b:c "
            })
    void whatIsNoChangeStandsAsItIsWritten(String prompt) {
        assertThat(texts(prompt)).containsOnly(prompt);
    }

    @Test
    void onesAmongBracketsThatAreNoneAreFound() {
        assertThat(stages("((a][:b:c [d:3]")).isEqualTo("3=((a][:b:c |10=((a][:b:c d");
        assertThat(stages("a [[[b]]:2]")).isEqualTo("2=a |10=a [[b]]");
        assertThat(stages("[x [a:b:2]]")).isEqualTo("2=[x a]|10=[x b]");
        assertThat(stages("[a\\]:b:2]")).isEqualTo("2=a\\]|10=b");
    }

    @Test
    void readsDeepAndLongOnesInGoodTime() {
        String deep = "[".repeat(5000) + "a" + ":b:1]".repeat(5000);
        assertThat(PromptSchedule.of(deep, PromptSyntax.WEIGHTED).at(5, STEPS)).isEqualTo("b");
        String open = "[a:".repeat(20_000);
        assertThat(PromptSchedule.of(open, PromptSyntax.WEIGHTED).at(5, STEPS)).isEqualTo(open);
        String failing = "[".repeat(5000) + "a" + ":b:c]".repeat(5000);
        assertThat(PromptSchedule.of(failing, PromptSyntax.WEIGHTED).at(5, STEPS))
                .isEqualTo(failing);
    }

    @Test
    void thePlainSyntaxKnowsNone() {
        PromptSchedule schedule = PromptSchedule.of("[a:b:0.4] [c|d]", PromptSyntax.PLAIN);
        assertThat(schedule.at(0, STEPS)).isEqualTo("[a:b:0.4] [c|d]");
        assertThat(schedule.at(9, STEPS)).isEqualTo("[a:b:0.4] [c|d]");
    }
}
