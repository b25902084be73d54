package io.latent4j.pipeline.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StepCachingTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "deepcache:3",
                "deepcache:2:11",
                "tgate:10",
                "firstblock:0.1",
                "deepcache:3+tgate:10",
                "tgate:4+firstblock:0.25"
            })
    void isItsText(String text) {
        assertThat(StepCaching.parse(text).text()).isEqualTo(text);
        assertThat(StepCaching.parse(text).isOn()).isTrue();
    }

    @Test
    void orderCaseAndSpacesAreTheSame() {
        assertThat(StepCaching.parse("TGate:10 + DeepCache:3:0")).isEqualTo(StepCaching.parse("deepcache:3+tgate:10"));
        assertThat(StepCaching.NONE.isOn()).isFalse();
        assertThat(StepCaching.NONE.text()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "deepcache:1 | the interval of deepcache is 1; expected 2 to 100, 3 for instance; at 1 nothing would be reused",
                "deepcache:101 | the interval of deepcache is 101",
                "deepcache:3:-1 | the branch of deepcache is -1; expected 0 or more",
                "deepcache | the cache is \"deepcache\"; expected deepcache:INTERVAL, deepcache:INTERVAL:BRANCH, tgate:STEPS or"
                        + " firstblock:THRESHOLD, or several with + between",
                "deepcache:x | the cache is \"deepcache:x\"; expected deepcache:INTERVAL",
                "tgate:0 | the gate of tgate is 0; expected 1 step or more",
                "tgate:3:4 | the cache is \"tgate:3:4\"; expected",
                "firstblock:0 | the threshold of firstblock is 0.0; expected above 0, 1 at most, 0.1 for instance",
                "firstblock:1.5 | the threshold of firstblock is 1.5",
                "teacache:3 | the cache is \"teacache:3\"; expected",
                "deepcache:3+ | the cache is \"\"; expected",
                "tgate:3+tgate:4 | the cache tgate is given twice; expected it once",
                "deepcache:3+firstblock:0.1 | deepcache and firstblock are both asked for; expected deepcache for a UNet, or"
                        + " firstblock for a transformer",
            })
    void refusesByName(String text, String message) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> StepCaching.parse(text))
                .withMessageContaining(message);
    }
}
