package io.latent4j.training.data.evaluation;

import static org.assertj.core.api.Assertions.assertThat;

import io.latent4j.training.data.Draws;
import io.latent4j.training.data.scenes.Fact;
import io.latent4j.training.data.scenes.Scene;
import java.util.List;
import org.junit.jupiter.api.Test;

class TallyTest {

    @Test
    void countsWhatIsRightOfWhatIsSaid() {
        Tally tally = new Tally(List.of(
                judged("a big red circle on a white background", "a big red circle on a white background"),
                judged("a big red circle on a white background", "a small red circle on a white background"),
                judged("a red circle on a white background", "a red square on a white background"),
                judged(
                        "a red circle above a blue star on a gray background",
                        "a red circle below a blue star on a gray background")));

        assertThat(tally.allRight()).hasValue(0.25);
        assertThat(tally.right(Fact.SIZE)).hasValue(0.5);
        assertThat(tally.right(Fact.SHAPE)).hasValue(0.75);
        assertThat(tally.right(Fact.RELATION)).hasValue(0);
        assertThat(tally.right(Fact.BACKGROUND)).hasValue(1);
        assertThat(tally.of(1).images()).hasSize(3);
        assertThat(tally.of(1).right(Fact.RELATION)).isEmpty();
        assertThat(tally.of(2).right(Fact.SIZE)).isEmpty();
        assertThat(new Tally(List.of()).allRight()).isEmpty();
    }

    private static Judged judged(String said, String drawn) {
        return Judged.of(Scene.parse(said), 0, Scene.parse(drawn).draw(64, Draws.of(1)));
    }
}
