package io.latent4j.schedulers;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.Shape;
import io.latent4j.core.random.NoiseSource;
import io.latent4j.schedulers.catalogue.Schedulers;
import io.latent4j.schedulers.samplers.GaussianData;
import io.latent4j.schedulers.samplers.Runs;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SamplerStateTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ddim",
                "pndm",
                "euler",
                "euler a",
                "dpm++2m karras",
                "lms",
                "heun",
                "dpm2",
                "dpm2 a",
                "dpm++2s a",
                "dpm++ sde"
            })
    void leavesNoArraysBehind(String name) {
        Scheduler scheduler = Schedulers.named(name, Runs.stableDiffusion());
        Plan plan = scheduler.plan(500);
        NoiseSource noise = Runs.noise(0);
        try (NDManager manager = NDManager.newBaseManager()) {
            SamplerState state = SamplerState.start(manager.ones(new Shape(1, 4, 2, 2)));
            int before = manager.getManagedArrays().size();
            while (state.index() < plan.steps()) {
                SamplerState next = stepInScope(scheduler, plan, state, noise);
                state.closeAllBut(next);
                state = next;
            }
            int history = state.history().size();
            assertThat(manager.getManagedArrays()).hasSize(before + history);
            assertThat(state.latents().isNaN().any().getBoolean()).isFalse();
        }
    }

    private static SamplerState stepInScope(Scheduler scheduler, Plan plan, SamplerState state, NoiseSource noise) {
        try (NDScope scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            SamplerState next = scheduler.step(plan, state, new GaussianData(0.5, 0.3), noise);
            next.arrays().forEach(NDScope::unregister);
            return next;
        }
    }

    @Test
    void keepsWhatTheNextStateHolds() {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray kept = manager.create(1f);
            SamplerState state = SamplerState.start(manager.create(2f)).next(manager.create(3f), kept);
            SamplerState next = state.next(manager.create(4f), kept);
            state.closeAllBut(next);
            assertThat(kept.getFloat()).isEqualTo(1);
            assertThat(next.index()).isEqualTo(2);
            assertThat(state.withLatents(kept).index()).isEqualTo(1);
        }
    }
}
