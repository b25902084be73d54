package io.latent4j.schedulers.spacing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.latent4j.schedulers.NoiseLevel;
import io.latent4j.schedulers.Steps;
import io.latent4j.schedulers.process.NoiseSchedule;
import io.latent4j.schedulers.samplers.Runs;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SigmaSpacingTest {
    private static final NoiseSchedule NOISE = NoiseSchedule.scaledLinear(1000, 0.00085, 0.012);
    private static final double MAX = NOISE.ratio(999.0);
    private static final double MIN = NOISE.ratio(0.0);

    static Stream<SigmaSpacing> between() {
        return Stream.of(
                new Karras(), new Exponential(), new Polyexponential(2), new BetaSpacing(), new BetaSpacing(0.5, 1));
    }

    @ParameterizedTest
    @MethodSource("between")
    void fallsFromOneEndToTheOther(SigmaSpacing spacing) {
        double[] ratios = spacing.ratios(9, MAX, MIN);
        assertThat(ratios).hasSize(9);
        assertThat(ratios[0]).isCloseTo(MAX, within(1e-9 * MAX));
        assertThat(ratios[8]).isCloseTo(MIN, within(1e-9 * MIN));
        for (int i = 1; i < ratios.length; i++) {
            assertThat(ratios[i]).isLessThan(ratios[i - 1]);
        }
    }

    @ParameterizedTest
    @MethodSource("between")
    void aSingleStepBeginsAtMostNoise(SigmaSpacing spacing) {
        assertThat(spacing.ratios(1, MAX, MIN)[0]).isCloseTo(MAX, within(1e-9 * MAX));
    }

    @Test
    void exponentialIsEvenInLambda() {
        assertThat(new Exponential().ratios(4, 8, 1)).containsExactly(close(8, 4, 2, 1), within(1e-12));
        assertThat(new Polyexponential(2).ratios(3, 16, 1)).containsExactly(close(16, 2, 1), within(1e-12));
    }

    private static double[] close(double... ratios) {
        return ratios;
    }

    /** With α = ½ and β = 1 the distribution's quantile of p is p². */
    @Test
    void betaTakesQuantiles() {
        assertThat(new BetaSpacing(0.5, 1).ratios(3, 9, 1)).containsExactly(close(9, 3, 1), within(1e-9));
        double[] symmetric = new BetaSpacing().ratios(5, 3, 1);
        assertThat(symmetric[2]).isCloseTo(2, within(1e-9));
        assertThat(symmetric[0] - symmetric[1]).isCloseTo(symmetric[3] - symmetric[4], within(1e-9));
    }

    @Test
    void sgmUniformLeavesRoomForTheEnd() {
        SigmaSpacing spacing = new SgmUniform(NOISE);
        double[] ratios = spacing.ratios(4, MAX, MIN);
        assertThat(ratios[0]).isCloseTo(MAX, within(1e-5));
        for (int i = 0; i < 4; i++) {
            assertThat(NOISE.timestep(ratios[i])).isCloseTo(999 * (1 - i / 4.0), within(1e-3));
        }
    }

    @Test
    void alignYourStepsTakesItsTableForTenSteps() {
        SigmaSpacing spacing = AlignYourSteps.STABLE_DIFFUSION_XL;
        assertThat(spacing.ratios(10, MAX, MIN))
                .containsExactly(14.615, 6.315, 3.771, 2.181, 1.342, 0.862, 0.555, 0.380, 0.234, 0.113);
    }

    @Test
    void alignYourStepsInterpolatesInTheLogarithm() {
        double[] ratios = AlignYourSteps.STABLE_DIFFUSION.ratios(20, MAX, MIN);
        assertThat(ratios).hasSize(20);
        assertThat(ratios[2]).isEqualTo(6.475);
        assertThat(ratios[3]).isCloseTo(Math.sqrt(6.475 * 3.861), within(1e-12));
    }

    @Test
    void endsOfOnesOwnReplaceTheMethods() {
        double[] ratios = new BoundedSpacing(new Exponential(), OptionalDouble.of(0.05), OptionalDouble.of(12))
                .ratios(6, MAX, MIN);
        assertThat(ratios[0]).isCloseTo(12, within(1e-9));
        assertThat(ratios[5]).isCloseTo(0.05, within(1e-9));
    }

    @Test
    void refusesEndsThatDoNotFall() {
        SigmaSpacing spacing = new BoundedSpacing(new Karras(), OptionalDouble.of(20), OptionalDouble.empty());
        assertThatThrownBy(() -> spacing.ratios(5, 14, 0.03))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("sigma_min is 20.0 and sigma_max 14.0; expected sigma_min above 0 and below sigma_max");
    }

    @Test
    void refusesImpossibleShapes() {
        assertThatThrownBy(() -> new BetaSpacing(0, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("alpha is 0.0 and beta 1.0; expected both above 0, the paper has 0.6");
        assertThatThrownBy(() -> new Polyexponential(-1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("rho is -1.0; expected above 0");
    }

    @Test
    void aFileNamesItsSpacing() {
        assertThat(Runs.config("").spacing().name()).isEmpty();
        assertThat(Runs.config("\"use_beta_sigmas\": true").spacing().name()).contains(SpacingName.BETA);
        assertThat(Runs.config("\"use_lu_lambdas\": true").spacing().name()).contains(SpacingName.LU);
        assertThat(Runs.config("\"sigma_spacing\": \"SGM-uniform\"").spacing().name())
                .contains(SpacingName.SGM_UNIFORM);
    }

    @Test
    void refusesTwoSpacingsAndUnknownOnes() {
        assertThatThrownBy(() -> Runs.config("\"use_beta_sigmas\": true, \"use_karras_sigmas\": true")
                        .spacing()
                        .sigmas())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("scheduler/scheduler_config.json: use_karras_sigmas is true;"
                        + " expected false, because use_beta_sigmas is set too");
        assertThatThrownBy(() ->
                        Runs.config("\"sigma_spacing\": \"odd\"").spacing().sigmas())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("scheduler/scheduler_config.json: sigma_spacing is \"odd\"; expected one of karras,"
                        + " exponential, polyexponential, beta, lu, sgm uniform, align your steps, align your steps xl,"
                        + " align your steps video");
    }

    @Test
    void listedSigmasAreKeptExactly() {
        Timetable timetable = Runs.timetable(TimestepSpacing.LINSPACE);
        Steps steps = Steps.atSigmas(List.of(14.0, 3.0, 0.4, 0.1));
        assertThat(timetable.levels(steps, Optional.of(new Karras())))
                .extracting(NoiseLevel::ratio)
                .containsExactly(14.0, 3.0, (double) 0.4f);
        assertThat(timetable.end(steps, NoiseLevel.CLEAN).ratio()).isEqualTo((double) 0.1f);
        assertThat(timetable.end(Steps.atSigmas(List.of(1.0, 0.0)), NoiseLevel.ofRatio(0, 1)))
                .isEqualTo(NoiseLevel.CLEAN);
        assertThat(timetable.end(Steps.of(3), NoiseLevel.CLEAN)).isEqualTo(NoiseLevel.CLEAN);
    }
}
