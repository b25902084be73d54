package io.latent4j.schedulers.continuous;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import org.junit.jupiter.api.Test;

class ProbesTest {

    @Test
    void meanOuterProductsAreTheUnitMatrix() {
        assertUnit(Probes.exact(), 1e-6);
        assertUnit(Probes.rademacher(1, 4000), 0.07);
        assertUnit(Probes.gaussian(1, 4000), 0.12);
    }

    private static void assertUnit(Probes probes, double tolerance) {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray x = manager.zeros(new Shape(2, 3, 1));
            NDArray directions = probes.like(x);
            long copies = directions.getShape().get(0) / 2;
            for (int image = 0; image < 2; image++) {
                NDArray own = directions.reshape(copies, 2, 3).get(":, " + image); // (K, 3)
                NDArray outer = own.transpose().matMul(own).div(copies);
                assertThat(outer.sub(manager.eye(3)).abs().max().getFloat()).isLessThan((float) tolerance);
            }
        }
    }

    @Test
    void signsAreExactWhereAxesDoNotMix() {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray x = manager.zeros(new Shape(1, 50), DataType.FLOAT64);
            NDArray signs = Probes.rademacher(3, 1).like(x);
            assertThat(signs.square().toDoubleArray()).containsOnly(1);
            assertThat(signs.sum().getDouble()).isBetween(-30.0, 30.0);
        }
    }

    @Test
    void refusesNone() {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray x = manager.zeros(new Shape(1, 2));
            assertThatThrownBy(() -> Probes.gaussian(1, 0).like(x))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("the number of probes is 0; expected 1 or more");
        }
    }
}
