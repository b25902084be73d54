package io.latent4j.lora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.latent4j.core.random.TorchRandom;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Each kind's change of a weight beside its formula, written as loops. */
class DeltaTest {
    private static final long OUT = 6;
    private static final long IN = 4;
    private static final Shape CONV = new Shape(OUT, IN, 3, 3);

    private NDManager manager;

    @BeforeEach
    void open() {
        manager = NDManager.newBaseManager();
    }

    @AfterEach
    void close() {
        manager.close();
    }

    private static StoredLayer layer(Map<Role, Shape> shapes) {
        Map<Role, StoredLayer.Tensor> tensors = new EnumMap<>(Role.class);
        shapes.forEach((role, shape) -> tensors.put(role, new StoredLayer.Tensor("layer." + role, shape)));
        return new StoredLayer("layer", Optional.of(LoraNaming.KOHYA), tensors);
    }

    private Factors factors(Map<Role, Shape> shapes) {
        Map<Role, NDArray> arrays = new EnumMap<>(Role.class);
        TorchRandom random = new TorchRandom(3);
        new EnumMap<>(shapes).forEach((role, shape) -> arrays.put(role, random.normal(manager, shape)));
        return new Factors(arrays);
    }

    /** An element of the change: of output o, input i, at place k of the kernel. */
    @FunctionalInterface
    private interface Formula {
        double at(Factors factors, int o, int i, int k);
    }

    private void check(Map<Role, Shape> shapes, Shape weight, Formula formula) {
        Delta delta = Delta.of(layer(shapes));
        delta.check(weight);
        Factors factors = factors(shapes);
        float[] got = delta.matrix(factors).toFloatArray();
        int kernel = (int) weight.slice(2).size();
        assertThat(got).hasSize((int) weight.size());
        for (int o = 0; o < OUT; o++) {
            for (int i = 0; i < IN; i++) {
                for (int k = 0; k < kernel; k++) {
                    assertThat((double) got[(o * (int) IN + i) * kernel + k])
                            .isCloseTo(formula.at(factors, o, i, k), within(1e-4));
                }
            }
        }
    }

    /** An element of a tensor; of the kernel's axes the place as one number. */
    private static double at(Factors factors, Role role, int... index) {
        NDArray array = factors.get(role);
        long place = 0;
        for (int axis = 0; axis < index.length; axis++) {
            boolean last = axis == index.length - 1;
            long size = last
                    ? array.getShape().slice(axis).size()
                    : array.getShape().get(axis);
            place = place * size + index[axis];
        }
        return array.toFloatArray()[(int) place];
    }

    private static double tucker(Factors factors, Role t, Role a, Role b, int o, int i, int k) {
        double sum = 0;
        for (int p = 0; p < 2; p++) {
            for (int q = 0; q < 2; q++) {
                sum += at(factors, t, p, q, k) * at(factors, a, p, o) * at(factors, b, q, i);
            }
        }
        return sum;
    }

    private static double product(Factors factors, Role a, Role b, int row, int column) {
        return at(factors, a, row, 0) * at(factors, b, 0, column) + at(factors, a, row, 1) * at(factors, b, 1, column);
    }

    @Test
    void loraIsUpTimesDown() {
        check(
                Map.of(Role.DOWN, new Shape(2, IN), Role.UP, new Shape(OUT, 2)),
                new Shape(OUT, IN),
                (f, o, i, k) -> product(f, Role.UP, Role.DOWN, o, i));
        assertThat(Delta.of(layer(Map.of(Role.DOWN, new Shape(2, IN, 1, 1), Role.UP, new Shape(OUT, 2, 1, 1))))
                        .kind())
                .isEqualTo("LoRA");
    }

    @Test
    void loconMultipliesAroundItsMiddle() {
        Map<Role, Shape> shapes = Map.of(
                Role.DOWN, new Shape(2, IN, 1, 1),
                Role.MID, new Shape(2, 2, 3, 3),
                Role.UP, new Shape(OUT, 2, 1, 1));
        check(shapes, CONV, (f, o, i, k) -> {
            double sum = 0;
            for (int p = 0; p < 2; p++) {
                for (int q = 0; q < 2; q++) {
                    sum += at(f, Role.UP, o, p) * at(f, Role.MID, p, q, k) * at(f, Role.DOWN, q, i);
                }
            }
            return sum;
        });
        assertThat(Delta.of(layer(shapes)).kind()).isEqualTo("LoCon");
    }

    @Test
    void lohaIsAnElementwiseProduct() {
        check(
                Map.of(
                        Role.HADA_W1_A, new Shape(OUT, 2),
                        Role.HADA_W1_B, new Shape(2, IN * 9),
                        Role.HADA_W2_A, new Shape(OUT, 2),
                        Role.HADA_W2_B, new Shape(2, IN * 9)),
                CONV,
                (f, o, i, k) -> product(f, Role.HADA_W1_A, Role.HADA_W1_B, o, i * 9 + k)
                        * product(f, Role.HADA_W2_A, Role.HADA_W2_B, o, i * 9 + k));
    }

    @Test
    void lohaTakesTuckersForm() {
        check(
                Map.of(
                        Role.HADA_T1, new Shape(2, 2, 3, 3),
                        Role.HADA_T2, new Shape(2, 2, 3, 3),
                        Role.HADA_W1_A, new Shape(2, OUT),
                        Role.HADA_W1_B, new Shape(2, IN),
                        Role.HADA_W2_A, new Shape(2, OUT),
                        Role.HADA_W2_B, new Shape(2, IN)),
                CONV,
                (f, o, i, k) -> tucker(f, Role.HADA_T1, Role.HADA_W1_A, Role.HADA_W1_B, o, i, k)
                        * tucker(f, Role.HADA_T2, Role.HADA_W2_A, Role.HADA_W2_B, o, i, k));
    }

    @Test
    void lokrIsAKroneckerProduct() {
        Map<Role, Shape> whole = Map.of(Role.LOKR_W1, new Shape(3, 2), Role.LOKR_W2, new Shape(2, 2, 3, 3));
        check(whole, CONV, (f, o, i, k) -> at(f, Role.LOKR_W1, o / 2, i / 2) * at(f, Role.LOKR_W2, o % 2, i % 2, k));
        assertThat(Delta.of(layer(whole)).rank()).isEmpty();
        check(
                Map.of(
                        Role.LOKR_W1_A, new Shape(3, 2),
                        Role.LOKR_W1_B, new Shape(2, 2),
                        Role.LOKR_W2_A, new Shape(2, 2),
                        Role.LOKR_W2_B, new Shape(2, 2 * 9)),
                CONV,
                (f, o, i, k) -> product(f, Role.LOKR_W1_A, Role.LOKR_W1_B, o / 2, i / 2)
                        * product(f, Role.LOKR_W2_A, Role.LOKR_W2_B, o % 2, i % 2 * 9 + k));
    }

    @Test
    void lokrTakesTuckersForm() {
        check(
                Map.of(
                        Role.LOKR_W1, new Shape(3, 2),
                        Role.LOKR_T2, new Shape(2, 2, 3, 3),
                        Role.LOKR_W2_A, new Shape(2, 2),
                        Role.LOKR_W2_B, new Shape(2, 2)),
                CONV,
                (f, o, i, k) -> at(f, Role.LOKR_W1, o / 2, i / 2)
                        * tucker(f, Role.LOKR_T2, Role.LOKR_W2_A, Role.LOKR_W2_B, o % 2, i % 2, k));
    }

    @Test
    void refusesRanksThatDisagree() {
        refuses("disagree", Map.of(Role.DOWN, new Shape(2, IN), Role.UP, new Shape(OUT, 3)));
        refuses(
                "disagree",
                Map.of(
                        Role.HADA_W1_A, new Shape(OUT, 2),
                        Role.HADA_W1_B, new Shape(2, IN),
                        Role.HADA_W2_A, new Shape(OUT, 3),
                        Role.HADA_W2_B, new Shape(3, IN)));
        refuses(
                "layer.lokr_* are 2 and 1",
                Map.of(
                        Role.LOKR_W1,
                        new Shape(3, 2),
                        Role.LOKR_W2_A,
                        new Shape(2, 2),
                        Role.LOKR_W2_B,
                        new Shape(1, 2)));
    }

    @Test
    void refusesALayerThatIsNotWhole() {
        refuses("no UP tensor", Map.of(Role.DOWN, new Shape(2, IN)));
        refuses("no DOWN tensor", Map.of(Role.ALPHA, new Shape()));
        refuses("several kinds", Map.of(Role.DOWN, new Shape(2, IN), Role.LOKR_W1, new Shape(3, 2)));
        refuses("expected a matrix", Map.of(Role.DOWN, new Shape(0, IN), Role.UP, new Shape(OUT, 0)));
    }

    private static void refuses(String message, Map<Role, Shape> shapes) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Delta.of(layer(shapes)))
                .withMessageContaining(message);
    }

    @Test
    void refusesAWeightOfAnotherShape() {
        Delta lora = Delta.of(layer(Map.of(Role.DOWN, new Shape(2, IN), Role.UP, new Shape(OUT, 2))));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> lora.check(new Shape(OUT, 5)))
                .withMessage("layer.DOWN is (2, 4); expected (2, 5)");
        assertThatIllegalArgumentException().isThrownBy(() -> lora.check(CONV));
        Delta lokr = Delta.of(layer(Map.of(Role.LOKR_W1, new Shape(3, 2), Role.LOKR_W2, new Shape(2, 2))));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> lokr.check(new Shape(7, 4)))
                .withMessageContaining("divide those of the weight, (7, 4)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> lokr.check(new Shape(6, 6)))
                .withMessageContaining("expected (2, 3)");
    }
}
