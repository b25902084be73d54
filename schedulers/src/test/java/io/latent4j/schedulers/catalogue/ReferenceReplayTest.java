package io.latent4j.schedulers.catalogue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import com.google.common.collect.ImmutableMap;
import io.latent4j.core.random.NoiseSource;
import io.latent4j.schedulers.Denoiser;
import io.latent4j.schedulers.NoiseLevel;
import io.latent4j.schedulers.Plan;
import io.latent4j.schedulers.SamplerState;
import io.latent4j.schedulers.Scheduler;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Replays runs of the reference implementation. */
class ReferenceReplayTest {
    private static final Map<String, Integer> CASES = ImmutableMap.<String, Integer>builder()
            .put("DDIMScheduler", cases(34, 9))
            .put("DDPMScheduler", cases(37, 8))
            .put("LCMScheduler", cases(35, 7))
            .put("TCDScheduler", cases(32, 6))
            .put("PNDMScheduler", cases(27, 6))
            .put("EulerDiscreteScheduler", cases(35, 13))
            .put("EulerAncestralDiscreteScheduler", cases(23, 4))
            .put("DPMSolverMultistepScheduler", cases(64, 11))
            .put("DPMSolverSinglestepScheduler", cases(55, 8))
            .put("DEISMultistepScheduler", cases(37, 6))
            .put("UniPCMultistepScheduler", cases(43, 8))
            .put("LMSDiscreteScheduler", cases(30, 7))
            .put("HeunDiscreteScheduler", cases(30, 8))
            .put("KDPM2DiscreteScheduler", cases(25, 5))
            .put("KDPM2AncestralDiscreteScheduler", cases(25, 5))
            .put("DPMSolverSDEScheduler", cases(25, 5))
            .put("EDMEulerScheduler", cases(9, 5))
            .build();

    private static int cases(int all, int kept) {
        return ReferenceCase.isFullSet() ? all : kept;
    }

    @Test
    void hasEveryCase() {
        CASES.forEach((className, count) ->
                assertThat(ReferenceCase.of(className)).as(className).hasSize(count));
    }

    @TestFactory
    Stream<DynamicTest> visitsTheSameNoiseLevels() {
        return replay(ReferenceReplayTest::checkPlan);
    }

    @TestFactory
    Stream<DynamicTest> goesThroughTheSameStates() {
        return replay(ReferenceReplayTest::checkTrajectory);
    }

    @TestFactory
    Stream<DynamicTest> noisesAlike() {
        return replay(ReferenceReplayTest::checkNoising);
    }

    private static Stream<DynamicTest> replay(Consumer<ReferenceCase> check) {
        return CASES.keySet().stream()
                .flatMap(className -> ReferenceCase.of(className).stream())
                .map(reference -> DynamicTest.dynamicTest(reference.toString(), () -> check.accept(reference)));
    }

    /** What the network is asked, call by call: methods of higher order ask more than once a step. */
    private static void checkTrajectory(ReferenceCase reference) {
        try (NDManager manager = NDManager.newBaseManager()) {
            Scheduler scheduler = reference.scheduler();
            Plan plan = reference.plan();
            NoiseSource noise = recordedNoise(reference, manager);
            List<NDArray> seen = new ArrayList<>();
            List<NoiseLevel> levels = new ArrayList<>();
            Denoiser network = (x, at) -> {
                seen.add(x);
                levels.add(at);
                return reference.denoiser().predict(x, at);
            };
            SamplerState state =
                    SamplerState.start(reference.toOurs(reference.tensor("start", manager), plan.level(0)));
            for (int i = 0; i < plan.steps(); i++) {
                state = scheduler.step(plan, state, network, noise);
            }
            seen.add(state.latents());
            levels.add(plan.stage(plan.steps() - 1).to());
            checkTimesteps(reference, levels);
            NDArray trajectory = reference.tensor("trajectory", manager);
            for (int i = 1; i < seen.size(); i++) {
                NDArray ours = reference.toReference(seen.get(i), levels.get(i));
                assertAgree(reference, "after call " + i, ours, trajectory.get(i - 1));
            }
            assertThat(state.index()).isEqualTo(plan.steps());
        }
    }

    private static void checkTimesteps(ReferenceCase reference, List<NoiseLevel> levels) {
        List<Double> timesteps = reference.numbers("timesteps");
        assertThat(levels).hasSize(timesteps.size() + 1);
        for (int i = 0; i < timesteps.size(); i++) {
            assertThat(levels.get(i).timestep()).as("call %d", i).isCloseTo(timesteps.get(i), within(5e-4));
        }
    }

    private static void checkPlan(ReferenceCase reference) {
        Plan plan = reference.plan();
        List<Double> sigmas = sigmas(reference, plan);
        for (int i = 0; i < sigmas.size() && plan.steps() + 1 == sigmas.size(); i++) {
            assertThat(plan.level(i).ratio()).isCloseTo(sigmas.get(i), within(1e-6 * sigmas.get(i)));
        }
        double alpha = sigmas.isEmpty() || reference.number("init_noise_sigma") == 1
                ? 1
                : plan.level(0).alpha();
        assertThat(plan.initialScale()).isCloseTo(reference.number("init_noise_sigma") * alpha, within(1e-6));
    }

    /** Methods of two calls a step list their sigmas twice. */
    private static List<Double> sigmas(ReferenceCase reference, Plan plan) {
        List<Double> sigmas = reference.numbers("sigmas");
        return sigmas.size() <= plan.steps() + 1
                ? sigmas
                : sigmas.stream().distinct().toList();
    }

    private static NoiseSource recordedNoise(ReferenceCase reference, NDManager manager) {
        Optional<NDArray> recorded = reference.findTensor("noise", manager);
        AtomicInteger drawn = new AtomicInteger();
        return like -> recorded.orElseThrow(() -> new AssertionError("noise drawn, where the reference draws none"))
                .get(drawn.getAndIncrement());
    }

    private static void checkNoising(ReferenceCase reference) {
        try (NDManager manager = NDManager.newBaseManager()) {
            List<Double> timesteps = reference.numbers("add_noise_timesteps");
            NDArray x0 = reference.tensors().get("add_noise_x/" + timesteps.size(), manager);
            NDArray eps = reference.tensors().get("add_noise_n/" + timesteps.size(), manager);
            NDArray noisy = reference.tensor("add_noise", manager);
            for (int i = 0; i < timesteps.size(); i++) {
                NoiseLevel at = level(reference, timesteps.get(i));
                NDArray ours = reference.toReference(at.mix(x0.get(i), eps.get(i)), at);
                assertAgree(reference, "timestep " + timesteps.get(i), ours, noisy.get(i));
            }
        }
    }

    /** The reference takes the second of two equal timesteps, and for the midpoint of a step the step's end. */
    private static NoiseLevel level(ReferenceCase reference, double timestep) {
        Plan plan = reference.plan();
        int call = reference.numbers("timesteps").indexOf(timestep);
        return plan.stages().stream()
                .map(Plan.Stage::at)
                .filter(at -> Math.abs(at.timestep() - timestep) < 2e-4)
                .limit(2)
                .reduce((first, second) -> second)
                .orElseGet(() -> plan.stage(call / 2).to());
    }

    private static void assertAgree(ReferenceCase reference, String when, NDArray actual, NDArray expected) {
        float[] got = actual.toFloatArray();
        float[] want = expected.toFloatArray();
        assertThat(got).hasSameSizeAs(want);
        for (int i = 0; i < got.length; i++) {
            double tolerance = reference.number("atol") + reference.number("rtol") * Math.abs(want[i]);
            assertThat((double) got[i]).as(when).isCloseTo(want[i], within(tolerance));
        }
    }
}
