package io.latent4j.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import com.google.common.collect.ImmutableMap;
import io.latent4j.core.nn.Adapter;
import io.latent4j.core.nn.Pass;
import io.latent4j.core.nn.Recomputation;
import io.latent4j.core.random.TorchRandom;
import io.latent4j.training.optimizer.Parameters;
import io.latent4j.unet.UNet2DConditionModel;
import io.latent4j.unet.UNetInput;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RecomputationTest {

    /** Of stages of 1024 and more numbers: none is spared, some are, all are. */
    @ParameterizedTest
    @ValueSource(longs = {0, 5000, 1 << 20})
    void givesTheSameGradients(long room) {
        try (NDManager manager = NDManager.newBaseManager()) {
            UNet2DConditionModel unet = TinyModels.unet(manager, 1);
            Parameters parameters = Parameters.of(ImmutableMap.of("unet", unet));
            shake(parameters);
            List<float[]> kept = gradients(manager, unet, parameters, Optional.empty(), List.of());
            List<float[]> recomputed = gradients(manager, unet, parameters, Optional.of(room), List.of());
            boolean any = false;
            for (int i = 0; i < kept.size(); i++) {
                for (int j = 0; j < kept.get(i).length; j++) {
                    double expected = kept.get(i)[j];
                    assertThat((double) recomputed.get(i)[j])
                            .as(List.copyOf(parameters.arrays().keySet()).get(i))
                            .isCloseTo(expected, within(1e-6 + 1e-4 * Math.abs(expected)));
                    any |= expected != 0;
                }
            }
            assertThat(any).isTrue();
        }
    }

    @Test
    void runsLayersOfSparedStagesOnceAndOthersTwice() {
        try (NDManager manager = NDManager.newBaseManager()) {
            UNet2DConditionModel unet = TinyModels.unet(manager, 1);
            Parameters parameters = Parameters.of(ImmutableMap.of("unet", unet));
            int once = layers(manager, unet, parameters, Optional.empty());
            int all = layers(manager, unet, parameters, Optional.of(0L));
            assertThat(all).isGreaterThan(once + once / 2);
            assertThat(layers(manager, unet, parameters, Optional.of(1L << 20))).isEqualTo(once);
            assertThat(layers(manager, unet, parameters, Optional.of(5000L))).isBetween(once + 1, all - 1);
        }
    }

    /** How often layers run for a gradient. */
    private static int layers(
            NDManager manager, UNet2DConditionModel unet, Parameters parameters, Optional<Long> room) {
        AtomicInteger runs = new AtomicInteger();
        gradients(manager, unet, parameters, room, List.of((layer, x, y) -> {
            runs.incrementAndGet();
            return y;
        }));
        return runs.get();
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1 << 20})
    void leavesNoArraysBehind(long room) {
        try (NDManager manager = NDManager.newBaseManager()) {
            UNet2DConditionModel unet = TinyModels.unet(manager, 1);
            Parameters parameters = Parameters.of(ImmutableMap.of("unet", unet));
            gradients(manager, unet, parameters, Optional.of(room), List.of());
            int before = manager.getManagedArrays().size();
            gradients(manager, unet, parameters, Optional.of(room), List.of());
            assertThat(manager.getManagedArrays()).hasSize(before);
        }
    }

    /** So that branches that begin at zero have gradients too. */
    private static void shake(Parameters parameters) {
        TorchRandom random = new TorchRandom(3);
        for (NDArray value : parameters.values()) {
            try (NDManager manager = value.getManager().newSubManager()) {
                NDArray noise = random.normal(manager, value.getShape()).mul(0.05f);
                value.stopGradient().addi(noise);
            }
        }
    }

    /** @param room for spared stages; empty to compute none anew */
    @SuppressWarnings("try")
    private static List<float[]> gradients(
            NDManager manager,
            UNet2DConditionModel unet,
            Parameters parameters,
            Optional<Long> room,
            List<Adapter> adapters) {
        parameters.clearGradients();
        try (NDScope scope = new NDScope();
                GradientCollector collector = Engine.getEngine("PyTorch").newGradientCollector();
                Recomputation recomputation = new Recomputation(room.orElse(0L))) {
            TorchRandom random = new TorchRandom(2);
            NDArray x = random.normal(manager, new Shape(2, 4, 8, 8));
            NDArray context = random.normal(manager, new Shape(2, 5, 16));
            Pass plain = Pass.inference().withAdapters(adapters);
            Pass pass = room.isPresent() ? plain.recomputing(recomputation) : plain;
            NDArray y = unet.forward(pass, UNetInput.of(x, manager.create(new float[] {10, 700}), context));
            NDArray loss = y.square().mean();
            if (room.isPresent()) {
                recomputation.backward(loss);
            } else {
                collector.backward(loss);
            }
        }
        return parameters.gradients().stream().map(NDArray::toFloatArray).toList();
    }
}
