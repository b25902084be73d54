package io.latent4j.core.ops;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ParameterOpsTest {
    private NDManager manager;

    @BeforeEach
    void open() {
        manager = NDManager.newBaseManager("PyTorch");
    }

    @AfterEach
    void close() {
        manager.close();
    }

    @Test
    void everyChangeMakesAnotherVersion() {
        NDArray x = manager.ones(new Shape(2, 3));
        NDArray scalar = manager.ones(new Shape());
        List<NDArray> xs = List.of(x, scalar);
        List<NDArray> ys = List.of(x.zerosLike(), scalar.zerosLike());
        checkChanges(xs, all -> ParameterOps.scale(all, 2));
        checkChanges(xs, all -> ParameterOps.copy(all, ys));
        checkChanges(xs, all -> ParameterOps.approach(all, ys, 0.1));
        checkChanges(xs, ParameterOps::zero);
        checkChanges(xs, all -> all.get(0).addi(1));
        checkChanges(xs, all -> all.get(0).set(new float[] {1, 2, 3, 4, 5, 6}));
        xs.forEach(each -> each.setRequiresGradient(true));
        checkChanges(xs, this::adamW);
        assertThat(x.getFloat(0, 1)).isNotEqualTo(2);
    }

    private static void checkChanges(List<NDArray> xs, Consumer<List<NDArray>> change) {
        long before = ParameterOps.version(xs);
        change.accept(xs);
        assertThat(ParameterOps.version(xs)).isGreaterThan(before);
    }

    private void adamW(List<NDArray> xs) {
        List<NDArray> ones = xs.stream().map(NDArray::onesLike).toList();
        List<NDArray> means = xs.stream().map(NDArray::zerosLike).toList();
        List<NDArray> squares = xs.stream().map(NDArray::zerosLike).toList();
        List<NDArray> steps = xs.stream().map(x -> manager.zeros(new Shape())).toList();
        ParameterOps.adamW(xs, ones, means, squares, steps, 0.1, 0.9, 0.99, 0, 1e-8);
    }

    @Test
    void readingChangesNoVersion() {
        NDArray x = Ops.cast(manager.ones(new Shape(2, 3)), DataType.BFLOAT16);
        long before = ParameterOps.version(List.of(x));
        Ops.cast(x, DataType.FLOAT32).addi(1);
        x.duplicate().muli(2);
        assertThat(ParameterOps.version(List.of(x))).isEqualTo(before);
    }
}
