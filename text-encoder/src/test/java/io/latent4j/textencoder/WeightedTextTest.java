package io.latent4j.textencoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WeightedTextTest {
    /** Spans as {@code text=weight}, with a bar between them and a slash between sections. */
    private static String read(String text) {
        return WeightedText.parse(text).sections().stream()
                .map(section -> section.stream()
                        .map(span -> span.text() + "=" + number(span.weight()))
                        .collect(Collectors.joining("|")))
                .collect(Collectors.joining("/"));
    }

    private static String number(double weight) {
        return String.format(Locale.ROOT, "%.4f", weight).replaceAll("\\.?0+$", "");
    }

    @ParameterizedTest
    @Readings({
        "a red circle>a red circle=1",
        "(red)>red=1.1",
        "((red))>red=1.21",
        "[red]>red=0.9091",
        "[[red]]>red=0.8264",
        "([red])>red=1",
        "[(red)]>red=1",
        "a (red:1.3) circle>a =1|red=1.3| circle=1",
        "a ((red:1.3)) circle>a =1|red=1.43| circle=1",
        "(a (red:1.3) circle:0.5)>a =0.5|red=0.65| circle=0.5",
        "(red)(blue)>redblue=1.1",
        "(red:1)>red=1",
        "(red:0)>red=0",
        "(red:-0.5)>red=-0.5",
        "(red:+1.5)>red=1.5",
        "(red:.5)>red=0.5",
        "(red:2.)>red=2",
        "(red: 1.5 )>red=1.5",
        "(red : 1.5)>red =1.5",
        "(12:30)>12=30",
        "[red:1.2]>red:1.2=0.9091",
        "(a [red] b:2)>a =2|red=1.8182| b=2"
    })
    void multipliesWhatIsInBrackets(String text, String expected) {
        assertThat(read(text)).isEqualTo(expected);
    }

    @ParameterizedTest
    @Readings({
        "a (red>a =1|red=1.1",
        "a [red>a =1|red=0.9091",
        "a ((red) circle>a =1|red=1.21| circle=1.1",
        "red) circle>red) circle=1",
        "red] circle>red] circle=1",
        "red:1.2) circle>red:1.2) circle=1",
        ")(red>)=1|red=1.1",
        "(a [b) c]>a =1.1|b=1| c=0.9091"
    })
    void anUnbalancedBracketCountsToTheEndOrForItself(String text, String expected) {
        assertThat(read(text)).isEqualTo(expected);
    }

    @ParameterizedTest
    @Readings({
        "(red:much)>red:much=1.1",
        "(red:1.2.3)>red:1.2.3=1.1",
        "(red:)>red:=1.1",
        "(red:.)>red:.=1.1",
        "(red:1.2:1.3)>red:1.2=1.3",
        "(red:1,2)>red:1,2=1.1",
        "(red:1e1)>red:1e1=1.1",
        "ratio 16:9>ratio 16:9=1",
        "at 12:30 (noon)>at 12:30 =1|noon=1.1",
        "a|b>a|b=1"
    })
    void whatIsNoWeightIsText(String text, String expected) {
        assertThat(read(text)).isEqualTo(expected);
    }

    @ParameterizedTest
    @Readings({
        "\\(red\\)>(red)=1",
        "\\[red\\]>[red]=1",
        "(\\(red\\):1.2)>(red)=1.2",
        "(red\\)>red)=1.1",
        "\\\\(red)>\\=1|red=1.1",
        "\\\\\\(red)>\\(red)=1",
        "a\\b>a\\b=1",
        "red\\>red\\=1",
        "(red\\:1.2)>red\\=1.2"
    })
    void aBackslashTakesABracketsMeaning(String text, String expected) {
        assertThat(read(text)).isEqualTo(expected);
    }

    @ParameterizedTest
    @Readings({
        "red BREAK blue>red=1/blue=1",
        "red, BREAK, blue>red,=1/, blue=1",
        "(red BREAK blue:1.2) green>red=1.2/blue=1.2| green=1",
        "red BREAK BREAK blue>red=1//blue=1",
        "BREAK red>/red=1",
        "red BREAK>red=1/",
        "red break blue>red break blue=1",
        "redBREAK blue>redBREAK blue=1",
        "BREAKFAST>BREAKFAST=1",
        "BREAK>/"
    })
    void breakEndsASection(String text, String expected) {
        assertThat(read(text)).isEqualTo(expected);
    }

    @Test
    void anEmptyTextHasNoSpans() {
        assertThat(WeightedText.parse("").sections()).containsExactly(List.of());
        assertThat(WeightedText.parse("()[](:1.2)").sections()).containsExactly(List.of());
    }

    @ParameterizedTest
    @ValueSource(strings = {"a red circle", "16:9, f/2.8 | dusk", "", " two  spaces ", "naïve \uD83D\uDE00 <moon>"})
    void aTextWithoutBracketsIsThePlainOne(String text) {
        List<WeightedText.Span> plain = text.isEmpty() ? List.of() : List.of(new WeightedText.Span(text, 1));
        assertThat(WeightedText.parse(text).sections()).containsExactly(plain);
    }

    @Test
    void refusesAWeightBeyondAllUse() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> WeightedText.parse("a (red:1000)"))
                .withMessage("the weight of \"red\" in the prompt is 1000.0; expected -100 to 100");
        assertThatIllegalArgumentException().isThrownBy(() -> WeightedText.parse("(red:" + "9".repeat(400) + ")"));
        assertThat(read("(".repeat(40) + "red")).isEqualTo("red=45.2593");
    }

    @Test
    void readsLongTextsInGoodTime() {
        String spaces = " ".repeat(200_000);
        assertThat(WeightedText.parse(spaces + "BREA").sections()).hasSize(1);
        assertThat(WeightedText.parse("(:" + spaces).sections()).hasSize(1);
        assertThat(WeightedText.parse("(:" + "1".repeat(200_000)).sections()).hasSize(1);
        assertThat(WeightedText.parse("[".repeat(50_000)).sections()).containsExactly(List.of());
        assertThat(WeightedText.parse("\\(".repeat(100_000)).sections().get(0)).hasSize(1);
    }

    @Test
    void knowsATextThatItWouldReadOtherwise() {
        assertThat(List.of("(a", "a)", "[a", "a]", "a\\b", "a BREAK b")).allMatch(WeightedText::isMarked);
        assertThat(List.of("", "a red circle", "16:9 | f/2.8", "a break", "BREAKFAST"))
                .noneMatch(WeightedText::isMarked);
    }
}
